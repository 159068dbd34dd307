/** A command for people to copy: runnable where this program was started from, an npm script or the installed `sus`. */
export function commandLine(...words: readonly string[]): string {
  const fromScript = ["sus", "start"].includes(process.env["npm_lifecycle_event"] ?? "");
  return [fromScript ? "npm run sus --" : "sus", ...words.map(quoted)].join(" ");
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

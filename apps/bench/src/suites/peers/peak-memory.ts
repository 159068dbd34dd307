import { fork } from "node:child_process";
import { once } from "node:events";
import type { CaseName, PeerName } from "./side.ts";

/** The program of peak.ts, as it is built beside this one. */
const program = new URL("./peak.js", import.meta.url);

/** Whose work a process does: a peer's, or ours. */
type Work = PeerName | { readonly threads: number; readonly c: number };

/**
 * MB of 2²⁰ bytes that a process takes at most which does the work of a case on one side twice, engine and libraries
 * included. Throws an `Error` where the process fails.
 */
export async function peakMegabytes(caseName: CaseName, n: number, work: Work): Promise<number> {
  const side = typeof work === "string" ? [work, n] : ["ours", n, work.threads, work.c];
  return await peakOf([caseName, ...side.map(String)]);
}

/** The same for a process that loads our code and computes nothing. */
export async function idleMegabytes(): Promise<number> {
  return await peakOf([]);
}

async function peakOf(args: readonly string[]): Promise<number> {
  const child = fork(program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  let peak: number | undefined;
  child.on("message", (message) => {
    peak = Number(message);
  });
  const [code] = await once(child, "exit");
  if (code !== 0 || peak === undefined) {
    throw new Error(
      `peers: expected a peak from ${args.join(" ") || "an idle process"}, it ended with ${code}`,
    );
  }
  return peak;
}

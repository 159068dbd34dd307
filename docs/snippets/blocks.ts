/** A fenced block of TypeScript in a page. */
export interface Block {
  /** The lines between the fences. */
  readonly lines: readonly string[];
  /** The number of the first of them, from 0. */
  readonly start: number;
  /** The file that the block is an excerpt of, relative to the page: ```` ```ts file=mlp.ts ````. */
  readonly file?: string;
}

/** The TypeScript blocks of a Markdown page, in order. Throws where a fence is never closed. */
export function blocksOf(page: string): readonly Block[] {
  const lines = page.split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(`{3,})(.*)$/.exec(lines[i]!);
    if (fence === null) continue;
    const end = lines.indexOf(fence[1]!, i + 1);
    if (end < 0) throw new Error(`expected a closing fence for the one in line ${i + 1}`);
    const info = /^ts(?: file=(\S+))?$/.exec(fence[2]!.trim());
    if (info !== null) {
      const file = info[1] === undefined ? {} : { file: info[1] };
      blocks.push({ lines: lines.slice(i + 1, end), start: i + 1, ...file });
    }
    i = end;
  }
  return blocks;
}

/**
 * The blocks of a page that are no excerpts, joined to one module in which each line keeps its number: errors point into
 * the page.
 */
export function programOf(page: string): string {
  const lines = page.split("\n").map(() => "");
  for (const { lines: code, start, file } of blocksOf(page)) {
    if (file === undefined) lines.splice(start, code.length, ...code);
  }
  return lines.join("\n");
}

/**
 * The program with its promises kept: a line `expression; // → value`, with anything after a further comma or semicolon
 * for people, calls `check` with both.
 */
export function withChecks(program: string): string {
  return program
    .split("\n")
    .map((line, i) => {
      const promise = /^(\s*)(\S.*?);\s*\/\/ → ("(?:[^"\\]|\\.)*"|[^,;]+)/.exec(line);
      if (promise === null) {
        if (line.includes("// → ")) {
          throw new Error(
            `line ${i + 1}: expected a promise behind an expression on one line that ends in a semicolon`,
          );
        }
        return line;
      }
      const [, indent, expression, value] = promise;
      return `${indent}check(${i + 1}, (${expression}), ${JSON.stringify(value!.trim())});`;
    })
    .join("\n");
}

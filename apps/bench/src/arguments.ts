import { parseArgs } from "node:util";
import { UsageError } from "./errors.ts";

/** What the command line asks for. */
export type Command =
  | { readonly name: "help" }
  /** Writes the page of results again from the lines in a folder. */
  | { readonly name: "report"; readonly out: string }
  | {
      readonly name: "run";
      /** In the order of the command line; empty: all. */
      readonly suites: readonly string[];
      readonly json: boolean;
      readonly quick: boolean;
      /** The suites and lengths that take minutes too. */
      readonly all: boolean;
      readonly threads?: number;
      /** Where the lines are kept and what the page beside it is called. */
      readonly out?: string;
    };

/** Where the committed results are, from the root of the repository. */
const resultsFolder = "docs/benchmarks";

/** The usage, with the suites that there are. */
export function usageOf(suites: readonly string[]): string {
  return `Usage: npm run bench -- [suite …] [options]
       npm run bench -- report [--out <folder>]

Suites: ${suites.join(", ")} (default: all but the slowest)
report writes the page of results again from the lines of earlier runs, and measures nothing.

Options:
  --json          one JSON object a line
  --quick         fewer repetitions and smaller shapes: a look, not a result
  --all           what takes minutes too: the slowest suites, a step on 32,768 tokens (3 minutes on two cores), real rows
                  of attention at 16,384 (some 12 minutes)
  --threads <n>   threads of the WebAssembly device (default: all cores; where a suite compares, one and all)
  --out <folder>  keep the lines there, a file a suite, and write the page <folder>.md from all that are there
                  (report: ${resultsFolder})
  --help          this text
`;
}

/** Reads the command line. Throws `UsageError` for what is not known or does not go together. */
export function parseCommand(args: readonly string[], suites: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  const { json = false, quick = false, all = false, help = false, out } = values;
  if (help) return { name: "help" };
  if (out === "") throw new UsageError("expected --out to be a folder, got nothing");
  if (positionals.includes("report")) {
    const other = Object.keys(values).find((option) => option !== "out");
    if (positionals.length > 1 || other !== undefined) {
      throw new UsageError(`expected nothing but --out with report, got ${args.join(" ")}`);
    }
    return { name: "report", out: out ?? resultsFolder };
  }
  const unknown = positionals.filter((name) => !suites.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`expected suites of ${suites.join(", ")}, or report, got ${unknown.join(", ")}`);
  }
  const threads = values.threads === undefined ? undefined : Number(values.threads);
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1)) {
    throw new UsageError(`expected --threads to be a whole number of at least 1, got ${values.threads}`);
  }
  if (all && quick) throw new UsageError("expected --all or --quick, got both");
  return {
    name: "run",
    suites: positionals,
    json,
    quick,
    all,
    ...(threads === undefined ? {} : { threads }),
    ...(out === undefined ? {} : { out }),
  };
}

function parsed(args: readonly string[]) {
  const flag = { type: "boolean" } as const;
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: flag, quick: flag, all: flag, help: flag, threads: text, out: text },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

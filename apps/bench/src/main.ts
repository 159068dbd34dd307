// `npm run bench -- [suite …] [--json] [--quick] [--threads n]`
import { parseArgs } from "node:util";
import { machine } from "@sus/bench-harness";
import { printLines, printTable } from "./print.ts";
import { suites } from "./suites.ts";

const usage = `Usage: npm run bench -- [suite …] [options]

Suites: ${suites.map(({ name }) => name).join(", ")} (default: all)

Options:
  --json         one JSON object a line
  --quick        fewer repetitions and smaller shapes: a look, not a result
  --threads <n>  threads of the WebAssembly device (default: all cores)
  --help         this text
`;

class UsageError extends Error {}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  return error instanceof UsageError ? 2 : 1;
});

async function main(args: readonly string[]): Promise<number> {
  const { names, json, quick, threads, help } = parse(args);
  if (help) {
    process.stdout.write(usage);
    return 0;
  }
  const chosen = names.length === 0 ? suites : suites.filter(({ name }) => names.includes(name));
  const options = threads === undefined ? { quick } : { quick, threads };
  const { processor, cores, memoryGiB, runtime } = machine();
  process.stderr.write(`${processor}, ${cores} cores, ${memoryGiB} GiB, ${runtime}\n`);
  for (const suite of chosen) {
    await (json ? printLines : printTable)(suite, options);
  }
  return 0;
}

function parse(args: readonly string[]) {
  const { values, positionals } = parsed(args);
  const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new UsageError(
      `expected suites of ${suites.map(({ name }) => name).join(", ")}, got ${unknown.join(", ")}`,
    );
  }
  const threads = values.threads === undefined ? undefined : Number(values.threads);
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1)) {
    throw new UsageError(`expected --threads to be a whole number of at least 1, got ${values.threads}`);
  }
  const { json = false, quick = false, help = false } = values;
  return { names: positionals, json, quick, help, threads };
}

function parsed(args: readonly string[]) {
  const flag = { type: "boolean" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: flag, quick: flag, help: flag, threads: { type: "string" } },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

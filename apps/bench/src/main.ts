// `npm run bench -- [suite …] [--all] [--json] [--quick] [--threads n] [--out folder]`, `npm run bench -- report`
import { machine } from "@sus/bench-harness";
import { type Command, parseCommand, usageOf } from "./arguments.ts";
import { availableSuites, planOf } from "./available.ts";
import { UsageError } from "./errors.ts";
import { printLines, printTable } from "./print.ts";
import { saveResults, writePage } from "./results/folder.ts";
import { suites } from "./suites.ts";

const names = suites.map(({ name }) => name);

// `| head` is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  return error instanceof UsageError ? 2 : 1;
});

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args, names);
  if (command.name === "help") process.stdout.write(usageOf(names));
  else if (command.name === "report") process.stdout.write(`${await writePage(command.out)}\n`);
  else await run(command);
  return 0;
}

async function run(command: Extract<Command, { name: "run" }>): Promise<void> {
  const { json, quick, all, threads, out } = command;
  const options = { quick, all, ...(threads === undefined ? {} : { threads }) };
  const say = (message: string) => void process.stderr.write(`${message}\n`);
  // Once for all suites: later the load is that of the suites before.
  const here = machine();
  const { processor, cores, memoryGiB, runtime, load } = here;
  say(`${processor}, ${cores} cores, ${memoryGiB} GiB, ${runtime}, load ${load}`);
  const available = await availableSuites(suites, command, say);
  say(planOf(available, quick));
  for (const suite of available) {
    const rows = await (json ? printLines(suite, options) : printTable(suite, options, say));
    if (out === undefined) continue;
    const date = new Date().toISOString().slice(0, 10);
    const { name, description } = suite;
    await saveResults(out, { suite: name, description, date, quick, ...here, rows });
  }
  if (out !== undefined) say(await writePage(out));
}

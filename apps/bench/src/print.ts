import type { Row, Suite, SuiteOptions } from "@sus/bench-harness";
import Table from "cli-table3";
import { columnsOf } from "./results/columns.ts";

/** One JSON object a line, as soon as it is measured. Gives all rows. */
export async function printLines(suite: Suite, options: SuiteOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of suite.rows(options)) {
    process.stdout.write(`${JSON.stringify(row)}\n`);
    rows.push(row);
  }
  return rows;
}

/**
 * A table with a line of text that says what its columns mean, when all is measured. Until then `say` is told each row as
 * soon as it is there. Gives all rows.
 */
export async function printTable(
  suite: Suite,
  options: SuiteOptions,
  say: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of suite.rows(options)) {
    say(lineOf(row));
    rows.push(row);
  }
  const head = columnsOf(rows);
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => "right") });
  for (const row of rows) table.push(head.map((name) => format(row[name])));
  process.stdout.write(`\n${suite.name}: ${suite.description}\n${table.toString()}\n`);
  return rows;
}

/** A row as it is told while the suite goes on: `step: n 1024, estimator exact, stepMs 171.3`. */
export function lineOf({ suite, ...row }: Row): string {
  const cells = Object.entries(row).map(([name, value]) => `${name} ${format(value)}`);
  return `${suite}: ${cells.join(", ")}`;
}

function format(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

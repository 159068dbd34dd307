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

/** A table with a line of text that says what its columns mean. Gives all rows. */
export async function printTable(suite: Suite, options: SuiteOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of suite.rows(options)) rows.push(row);
  const head = columnsOf(rows);
  const table = new Table({ head, style: { head: [], border: [] }, colAligns: head.map(() => "right") });
  for (const row of rows) table.push(head.map((name) => format(row[name])));
  process.stdout.write(`\n${suite.name}: ${suite.description}\n${table.toString()}\n`);
  return rows;
}

function format(value: string | number | undefined): string {
  if (typeof value !== "number") return value ?? "";
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}

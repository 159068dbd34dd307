import type { Row } from "@sus/bench-harness";

/** The names of all numbers and words in any of the rows, in the order in which they come up, without the suite's. */
export function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "suite");
}

import type { Machine, Row } from "@sus/bench-harness";

/** What a suite measured in one run, and where. */
export interface Results extends Machine {
  readonly suite: string;
  /** What the columns mean. */
  readonly description: string;
  /** 2026-11-24. */
  readonly date: string;
  /** A look, not a result. */
  readonly quick: boolean;
  readonly rows: readonly Row[];
}

/** One JSON object a line: the run first, then each row. */
export function toLines({ rows, ...run }: Results): string {
  return [run, ...rows].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** The results that `toLines` wrote. Throws a `SyntaxError` for what is no JSON, a `TypeError` without a run. */
export function fromLines(text: string): Results {
  const [run, ...rows] = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
  if (typeof run?.["processor"] !== "string" || typeof run["suite"] !== "string") {
    throw new TypeError("expected the run that was measured on the first line");
  }
  return { ...(run as unknown as Omit<Results, "rows">), rows };
}

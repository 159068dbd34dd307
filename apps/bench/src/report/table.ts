import type { Row } from "@sus/bench-harness";

type Cell = string | number | undefined;

/** A table in Markdown; columns of numbers are set to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [
    head,
    head.map((_, column) => (rows.some((row) => isNumeric(row[column])) ? "---:" : "---")),
    ...rows.map((row) => row.map(formatCell)),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A table of some columns of rows, with headings that name units. */
export function tableOf(rows: readonly Row[], columns: readonly string[]): string {
  const cells = rows.map((row) => columns.map((name) => (isShare(name) ? percent(row[name]) : row[name])));
  return table(columns.map(headingOf), cells);
}

/**
 * A table with a line for all rows that agree in `keys`, and in it `values` for each number of threads that there is.
 */
export function tableByThreads(
  rows: readonly Row[],
  keys: readonly string[],
  values: readonly string[],
): string {
  const threads = [...new Set(rows.map((row) => Number(row["threads"])))].sort((a, b) => a - b);
  const lines = new Map<string, Row[]>();
  for (const row of rows) {
    const line = JSON.stringify(keys.map((name) => row[name]));
    lines.set(line, [...(lines.get(line) ?? []), row]);
  }
  const head = [
    ...keys.map(headingOf),
    ...threads.flatMap((count) => values.map((name) => `${headingOf(name)} (${countOf(count)})`)),
  ];
  const cells = [...lines.values()].map((line) => [
    ...keys.map((name) => line[0]![name]),
    ...threads.flatMap((count) => {
      const row = line.find((candidate) => candidate["threads"] === count);
      return values.map((name) => (isShare(name) ? percent(row?.[name]) : row?.[name]));
    }),
  ]);
  return table(head, cells);
}

const units: Readonly<Record<string, string>> = {
  Ms: "ms",
  Mb: "MB",
  Gflops: "GFLOP/s",
  GigabytesPerSecond: "GB/s",
};

/** `attentionForwardMs` is `attention forward, ms`. */
export function headingOf(name: string): string {
  for (const [suffix, unit] of Object.entries(units)) {
    if (name.toLowerCase() === suffix.toLowerCase()) return unit;
    if (name.endsWith(suffix)) return `${wordsOf(name.slice(0, -suffix.length))}, ${unit}`;
  }
  return wordsOf(name);
}

function wordsOf(name: string): string {
  return name.replace(/[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

function isShare(name: string): boolean {
  return /^of[A-Z]|[sS]hare$/.test(name);
}

function isNumeric(cell: Cell): boolean {
  return typeof cell === "number" || (cell?.endsWith(" %") ?? false);
}

function percent(value: Cell): Cell {
  return typeof value === "number" ? `${Math.round(100 * value)} %` : value;
}

/** 1 thread, 2 threads. */
export function countOf(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}

/** Three digits: the rest is noise. */
function formatCell(value: Cell): string {
  if (typeof value !== "number") return value ?? "";
  if (Number.isInteger(value)) return String(value);
  const rounded = Number(value.toPrecision(3));
  return Math.abs(rounded) >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

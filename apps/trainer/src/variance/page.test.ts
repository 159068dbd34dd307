import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { formatTable } from "../format-table.ts";
import { renderVariancePage } from "./page.ts";
import type { Row } from "./results.ts";
import { percent, tableHead, tableRows } from "./table.ts";

/** Rows of a cell of a model with one layer of two heads. */
function cell(design: string, n: number, kept: number, variance: number): Row[] {
  const row = (group: string, change: Partial<Row> = {}): Row => ({
    ...{ design, n, kept, relativeVariance: variance, standardError: variance / 10 },
    ...{ low: variance * 0.8, high: variance * 1.2, group, part: null, layer: null, head: null },
    ...{ asked: `kept=${kept}`, c: kept, groupKept: null, effectiveKeys: null, entropy: null },
    ...{ biasSlope: null, biasShare: null, distances: null, times: null, loss: null, draws: 4, batches: 8 },
    ...{ dataBatches: 8, fingerprint: "00ff" },
    ...change,
  });
  const head = (number: number) =>
    row(`layers.0.heads.${number}`, {
      layer: 0,
      head: number,
      effectiveKeys: 50 * (number + 1),
      entropy: 3,
      groupKept: kept,
    });
  return [
    row("all", {
      distances: [variance, 2 * variance],
      biasSlope: [-0.5, -0.6, -0.4],
      biasShare: [0, -0.01, 0.01],
    }),
    row("layers.0", { layer: 0, groupKept: kept }),
    row("layers.0.query", { layer: 0, part: "query", relativeVariance: 9 * variance }),
    row("layers.0.mlp", { layer: 0, part: "mlp", relativeVariance: 0 }),
    ...[0, 1].map(head),
  ];
}

const rows = [256, 1024].flatMap((n) =>
  [8, 32].flatMap((kept) => [
    ...cell("bernoulli", n, kept, 0.4 / kept),
    ...cell("priority", n, kept, 0.5 / kept),
  ]),
);

/** Two stages thin the heads of a layer as one: no head has a count of its own. */
const withoutCounts = rows.map((row) => (row.head === null ? row : { ...row, groupKept: null }));

test("heads without a count of their own have none in the table", () => {
  const page = { checkpoint: "runs/a", textName: "a" };
  const cellsOfHead = (of: readonly Row[]) =>
    [...parseHTML(renderVariancePage(of, page)).document.querySelectorAll("tr")]
      .find((row) => row.textContent!.includes("layers.0.heads.0"))!
      .textContent!.includes("–");
  expect([cellsOfHead(rows), cellsOfHead(withoutCounts)]).toEqual([false, true]);
});

test("the page has every plot and a line a cell", () => {
  const html = renderVariancePage(rows, { checkpoint: "runs/<a>", textName: "a & b" });
  const { document } = parseHTML(html);
  const charts = [...document.querySelectorAll("svg[aria-label]")].map((svg) =>
    svg.getAttribute("aria-label"),
  );
  expect(charts.slice(0, 4)).toEqual([
    "Variance against kept entries",
    "Variance against length",
    "Variance by group of parameters",
    "Variance by layer and head",
  ]);
  expect(charts).toContain("Effective keys by layer and head");
  expect(
    document.querySelector('svg[aria-label="Variance against kept entries"]')!.querySelectorAll("circle"),
  ).toHaveLength(8);
  // Two designs, two heads, at the longest length and the budget nearest to 30.
  expect(
    document.querySelector('svg[aria-label="Variance by layer and head"]')!.querySelectorAll("rect"),
  ).toHaveLength(4);
  expect(html).toContain("at n = 1,024, kept=32");
  const tables = document.querySelectorAll("table.numbers");
  expect(tables[0]!.querySelectorAll("tbody tr")).toHaveLength(2);
  expect(tables[1]!.querySelectorAll("tbody tr")).toHaveLength(8);
  expect(html).toContain("runs/&lt;a&gt; on a &amp; b");
  expect(html).not.toMatch(/<script|<link|src=|url\(|https?:(?!\/\/www\.w3\.org)/);
});

test("the table has the worst group, the bias, and the ratio to bernoulli, paired", () => {
  const lines = formatTable(tableHead(rows), tableRows(rows)).split("\n");
  expect(lines).toHaveLength(9);
  expect(lines[2]!.split(/ {2,}/)).toEqual([
    ...["priority", "256", "kept=8", "8.0", "6.25 %", "5.00 %", "7.50 %", "1.25 (1.25 … 1.25)"],
    ...["layers.0.query", "56.3 %", "-0.50 (-0.60 … -0.40)", "0 % (-1.00 % … 1.00 %)"],
  ]);
  expect(percent(81.234)).toBe("8123 %");
});

import * as Plot from "@observablehq/plot";
import { render, seriesColours, size } from "../report/plot.ts";
import type { Row } from "./results.ts";

const percentAxis = {
  label: "relative variance increase, %",
  type: "log",
  grid: true,
  tickFormat: "~g",
} as const;
/** Room for the names of panels beside the axis label. */
const withPanels = { ...size, marginTop: 44 } as const;
const asPercent = (row: Row) => ({
  ...row,
  percent: row.relativeVariance * 100,
  from: row.low * 100,
  to: row.high * 100,
});
/** Of what a logarithmic axis can show. */
const positive = (rows: readonly Row[]) => rows.filter((row) => row.relativeVariance > 0).map(asPercent);

/** Relative variance of all parameters against kept entries, a line a design, a panel a length. */
export function keptChart(rows: readonly Row[], designs: readonly string[]): string {
  const all = positive(rows.filter(({ group }) => group === "all"));
  return render({
    ...withPanels,
    ariaLabel: "Variance against kept entries",
    ariaDescription:
      "Relative variance increase of all parameters against kept entries a row, by design and length",
    x: { label: "kept entries a row", type: "log", ticks: 4, tickFormat: "~s" },
    y: percentAxis,
    fx: { label: "n", tickFormat: "d" },
    color: seriesColours(designs),
    marks: lines(all, "kept", "design", "n"),
  });
}

/** The same against the length, a panel a budget. */
export function lengthChart(rows: readonly Row[], designs: readonly string[]): string {
  const all = positive(rows.filter(({ group }) => group === "all"));
  return render({
    ...withPanels,
    ariaLabel: "Variance against length",
    ariaDescription:
      "Relative variance increase of all parameters against the length of the sequences, by design and budget",
    x: { label: "n", type: "log", ticks: [...new Set(all.map(({ n }) => n))], tickFormat: "d" },
    y: percentAxis,
    fx: {
      label: null,
      domain: [...new Set(all.toSorted((a, b) => a.kept - b.kept).map(({ asked }) => asked))],
    },
    color: seriesColours(designs),
    marks: lines(all, "n", "design", "asked"),
  });
}

function lines(
  rows: readonly ReturnType<typeof asPercent>[],
  x: "kept" | "n",
  stroke: "design",
  fx: "n" | "asked",
) {
  return [
    Plot.ruleX(rows, { x, y1: "from", y2: "to", stroke, fx, strokeOpacity: 0.5, strokeWidth: 3 }),
    Plot.lineY(rows, { x, y: "percent", stroke, fx, sort: x }),
    Plot.dot(rows, { x, y: "percent", fill: stroke, fx, r: 3.5 }),
  ];
}

/** Relative variance of each head's parameters, layers down and heads across, a panel a design. Of cells of one length and budget. */
export function headChart(rows: readonly Row[]): string {
  const heads = positive(rows.filter(isHead));
  return heatMap(heads, "percent", {
    label: "Variance by layer and head",
    color: { type: "log", scheme: "YlOrRd" },
    text: (value) => (value >= 9.95 ? value.toFixed(0) : value.toPrecision(2)),
  });
}

/** Effective number of keys of each head, 1/ΣW², of cells of one design, length and budget. */
export function concentrationChart(rows: readonly Row[]): string {
  return heatMap(
    rows.filter(isHead).map((row) => ({ ...row, design: "effective keys" })),
    "effectiveKeys",
    {
      label: "Effective keys by layer and head",
      color: { type: "log", scheme: "GnBu" },
      text: (value) => value.toPrecision(value >= 99.5 ? 3 : 2),
    },
  );
}

interface HeatMap {
  readonly label: string;
  readonly color: Plot.ScaleOptions;
  readonly text: (value: number) => string;
}

function heatMap<F extends string>(
  rows: readonly ({ readonly design: string } & Pick<Row, "layer" | "head"> & {
      readonly [field in F]: number | null;
    })[],
  field: F,
  { label, color, text }: HeatMap,
): string {
  const layers = new Set(rows.map(({ layer }) => layer)).size;
  const place = { x: "head", y: "layer", fx: "design" };
  return render({
    ...size,
    height: 90 + 28 * layers,
    marginTop: 32,
    padding: 0.05,
    ariaLabel: label,
    x: { label: "head", tickFormat: "d" },
    y: { label: "layer", tickFormat: "d" },
    fx: { label: null },
    color,
    marks: [
      Plot.cell(rows, { ...place, fill: field }),
      // Black on a pale halo can be read on every colour, in light and dark.
      Plot.text(rows, {
        ...place,
        text: (row: (typeof rows)[number]) => text(Number(row[field])),
        fill: "black",
        stroke: "white",
        strokeWidth: 2,
        fontSize: 10,
      }),
    ],
  });
}

export function isHead({ part, head }: Row): boolean {
  return part === null && head !== null;
}

/** Relative variance of each part in each layer, a dot a design. Of cells of one length and budget. */
export function groupChart(rows: readonly Row[], designs: readonly string[]): string {
  const parts = positive(
    rows.filter(({ part, layer, head }) => part !== null && head === null && layer !== null),
  );
  const lineHeight = 16;
  return render({
    ...size,
    height: 70 + lineHeight * new Set(parts.map(({ group }) => group)).size,
    marginLeft: 120,
    ariaLabel: "Variance by group of parameters",
    x: { ...percentAxis },
    y: { label: null, domain: [...new Set(parts.map(({ group }) => group))] },
    color: seriesColours(designs),
    marks: [
      Plot.ruleY(parts, {
        y: "group",
        x1: "from",
        x2: "to",
        stroke: "design",
        strokeOpacity: 0.4,
        strokeWidth: 3,
      }),
      Plot.dot(parts, { y: "group", x: "percent", fill: "design", r: 3.5 }),
    ],
  });
}

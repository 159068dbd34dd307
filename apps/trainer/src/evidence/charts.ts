import * as Plot from "@observablehq/plot";
import { render } from "../report/plot.ts";
import { cellsOf, type ParityRecord, type PlaneRow, type VarianceRecord, worstOf } from "./records.ts";

/** Colours that differ for the colour-blind too (Okabe and Ito, 2008), dark enough for thin lines on white. */
const palette = ["#0072b2", "#d55e00", "#007a5a", "#a0457e", "#8a6d00", "#3a9bd1", "#5b5b5b", "#000000"];

/** The order in which designs get their colours, the same in all charts. */
const known = ["paper", "bernoulli", "systematic", "priority", "two-stage", "two-stage-full", "top-k"];

interface Point {
  readonly model: string;
  readonly design: string;
  readonly n: number;
  readonly kept: number;
  readonly asked: string;
  readonly percent: number;
  readonly low: number;
  readonly high: number;
}

/** Points of all parameters, or of the worst group, that a logarithmic axis can show. */
function pointsOf(records: readonly VarianceRecord[], which: "all" | "worst"): Point[] {
  return cellsOf(records)
    .filter(({ all }) => all.asked.startsWith("kept=") && isSmall(all))
    .flatMap(({ all, cell }) => {
      const record = which === "all" ? all : worstOf(cell);
      if (record === undefined || record.relativeVariance <= 0) return [];
      const { model, design, n, kept, asked } = all;
      const { relativeVariance, low, high } = record;
      return {
        model,
        design,
        n,
        kept,
        asked,
        percent: relativeVariance * 100,
        low: low * 100,
        high: high * 100,
      };
    });
}

/** Budgets of up to a quarter of a row, whose n keys are half of n on average: noise vanishes beyond, and with it the scale. */
function isSmall({ kept, n }: { readonly kept: number; readonly n: number }): boolean {
  return kept <= (n + 1) / 8;
}

/** Relative variance against kept entries: a panel a length and model, a line a design. */
export function keptChart(records: readonly VarianceRecord[], which: "all" | "worst"): string {
  const points = pointsOf(records, which);
  const of = which === "all" ? "all parameters" : "the worst part of a layer";
  return figure(`Relative variance increase of ${of}, %, against kept entries a row`, namesOf(points), {
    x: {
      label: "kept entries a row",
      ...logarithmic(
        points.map(({ kept }) => kept),
        [8, 16, 32, 64, 128],
      ),
    },
    y: percentAxis,
    ...facets(points, "n"),
    marks: lines(points, "kept", "n"),
  });
}

/** The same against the length, a panel a budget. */
export function lengthChart(records: readonly VarianceRecord[]): string {
  const points = pointsOf(records, "all");
  return figure("Relative variance increase of all parameters, %, against the length n", namesOf(points), {
    x: {
      label: "n",
      ...logarithmic(
        points.map(({ n }) => n),
        [512, 1024, 2048, 4096, 8192],
      ),
      tickFormat: (n: number) => (n < 1024 ? `${n}` : `${n / 1024}k`),
    },
    y: percentAxis,
    ...facets(points, "asked"),
    marks: lines(points, "n", "asked"),
  });
}

/** Relative variance of each layer at one length and budget, a panel a model. */
export function layerChart(records: readonly VarianceRecord[], n: number, asked: string): string {
  const points = records
    .filter((record) => record.n === n && record.asked === asked && /^layers\.\d+$/.test(record.group))
    .filter(({ relativeVariance }) => relativeVariance > 0)
    .map(({ model, design, group, relativeVariance, low, high }) => ({
      ...{ model, design, layer: Number(group.slice("layers.".length)) },
      ...{ percent: relativeVariance * 100, low: low * 100, high: high * 100 },
    }));
  return figure(`Relative variance increase by layer, %, at n = ${n}, ${asked}`, namesOf(points), {
    height: 330,
    x: { label: "layer", ticks: [...new Set(points.map(({ layer }) => layer))], tickFormat: "d" },
    y: percentAxis,
    fx: { label: null },
    marks: [
      Plot.lineY(points, {
        x: "layer",
        y: "percent",
        z: "design",
        stroke: "design",
        fx: "model",
        sort: "layer",
      }),
      Plot.dot(points, { x: "layer", y: "percent", fill: "design", fx: "model", r: 3 }),
    ],
  });
}

/** Time against variance: a panel a length and model, a line a design through its budgets. Lower left is better. */
export function planeChart(rows: readonly PlaneRow[]): string {
  const points = rows
    .filter((row) => row.timeShare > 0 && row.relativeVariance > 0 && isSmall(row))
    .map((row) => ({ ...row, percent: row.relativeVariance * 100 }));
  const place = { x: "timeShare", y: "percent", fx: "n", fy: "model" };
  return figure("Relative variance increase, %, against (B − A + C)/A", namesOf(points), {
    x: {
      label: "(B − A + C)/A",
      ...logarithmic(
        points.map(({ timeShare }) => timeShare),
        [0.1, 0.2, 0.4, 1, 2],
      ),
    },
    y: percentAxis,
    ...facets(points, "n"),
    marks: [
      Plot.line(points, { ...place, z: "design", stroke: "design", sort: "kept" }),
      Plot.dot(points, { ...place, fill: "design", r: 3 }),
    ],
  });
}

/** Differences to exact training by step, with their intervals as bands. */
export function gapChart({ name, results }: ParityRecord): string {
  const points = results.flatMap(({ arm, atSteps }) =>
    atSteps.flatMap(({ step, difference: { value, low, high } }) =>
      low === null || !Number.isFinite(low) ? [] : [{ arm, design: arm, step, value, low, high }],
    ),
  );
  return figure(`${name}: held-out loss − exact, nats a token, by step`, namesOf(points), {
    height: 360,
    x: { label: "step" },
    y: { label: null, grid: true, nice: true },
    marks: [
      Plot.areaY(points, { x: "step", y1: "low", y2: "high", z: "arm", fill: "arm", fillOpacity: 0.12 }),
      Plot.ruleY([0]),
      Plot.lineY(points, { x: "step", y: "value", z: "arm", stroke: "arm" }),
    ],
  });
}

/** A logarithmic axis with a little room around its values, and those ticks that lie inside. */
function logarithmic(values: readonly number[], ticks: readonly number[]): Plot.ScaleOptions {
  const [low, high] = [Math.min(...values) / 1.15, Math.max(...values) * 1.15];
  const inside = ticks.filter((tick) => tick >= low && tick <= high);
  return { type: "log", domain: [low, high], ticks: inside, tickFormat: "~g" };
}

const percentAxis = { label: null, type: "log", grid: true, ticks: 5, tickFormat: "~g" } as const;

/** Of a length, or of a budget such as "kept=30": by its number. */
function order(facet: string | number): number {
  return Number(String(facet).replace(/^\D*/, ""));
}

function facets<K extends "n" | "asked">(
  points: readonly ({ readonly model: string } & Readonly<Record<K, string | number>>)[],
  across: K,
): Plot.PlotOptions {
  const models = new Set(points.map(({ model }) => model)).size;
  return {
    height: 110 + 230 * models,
    fx: {
      label: null,
      domain: [...new Set(points.map((point) => point[across]))].sort((a, b) => order(a) - order(b)),
      ...(across === "n" ? { tickFormat: (n: number) => `n = ${n}` } : {}),
    },
    fy: { label: null },
  } as Plot.PlotOptions;
}

function lines(points: readonly Point[], x: "kept" | "n", fx: "n" | "asked"): Plot.Markish[] {
  const place = { x, fx, fy: "model" };
  return [
    Plot.ruleX(points, {
      ...place,
      y1: "low",
      y2: "high",
      stroke: "design",
      strokeOpacity: 0.35,
      strokeWidth: 3,
    }),
    Plot.lineY(points, { ...place, y: "percent", z: "design", stroke: "design", sort: x }),
    Plot.dot(points, { ...place, y: "percent", fill: "design", r: 3 }),
  ];
}

/** Names in the order of their colours. */
function namesOf(points: readonly { readonly design: string }[]): string[] {
  const place = (name: string) => (known.includes(name) ? known.indexOf(name) : known.length);
  return [...new Set(points.map(({ design }) => design))].sort((a, b) => place(a) - place(b));
}

/** A document that stands alone: title, legend, plot on white. */
function figure(title: string, names: readonly string[], options: Plot.PlotOptions): string {
  const colourOf = (name: string, i: number) =>
    palette[known.includes(name) ? known.indexOf(name) : i % palette.length]!;
  const svg = render({
    width: 900,
    height: 340,
    marginTop: 84,
    marginLeft: 72,
    marginRight: 90,
    marginBottom: 46,
    ...options,
    ariaLabel: title,
    color: { domain: [...names], range: names.map(colourOf) },
  });
  const texts = names.map(
    (name, i) => `<tspan fill="${colourOf(name, i)}"${i === 0 ? "" : ' dx="14"'}>● ${escaped(name)}</tspan>`,
  );
  const heading =
    `<rect width="100%" height="100%" fill="white"/><text x="12" y="24" text-anchor="start" font-size="15" font-weight="600" fill="#24292f">${escaped(title)}</text>` +
    `<text x="12" y="46" text-anchor="start" font-size="13">${texts.join("")}</text>`;
  const begin = svg.indexOf(">") + 1;
  const head = svg.slice(0, begin).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" color="#24292f"');
  return `${head.replace(/style="[^"]*"/, 'style="font: 12px system-ui, sans-serif"')}${heading}${svg.slice(begin)}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

export interface Point {
  readonly n: number;
  readonly ms: number;
}

/** A line of a chart with its name written at its end. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

/** Colours that differ for the colour-blind too (Okabe and Ito, 2008), dark enough for text on white. */
const colours = ["#0072b2", "#d55e00", "#007a5a", "#a0457e"];

/** Milliseconds against n, both axes logarithmic: a power law is a straight line. A document that stands alone. */
export function timeChart(title: string, series: readonly Series[]): string {
  const points = series.flatMap(({ name, points }) => points.map((point) => ({ ...point, name })));
  const ends = series.flatMap(({ name, points }) => points.slice(-1).map((point) => ({ ...point, name })));
  const [lengths, times] = [points.map(({ n }) => n), points.map(({ ms }) => ms)];
  const ticks = ticksWithin(Math.min(...times), Math.max(...times));
  const { document } = parseHTML("<!doctype html><body></body>");
  const svg = Plot.plot({
    document,
    width: 760,
    height: 440,
    marginLeft: 70,
    marginRight: 140,
    marginTop: 44,
    marginBottom: 48,
    style: { fontSize: "13px", fontFamily: "system-ui, sans-serif", color: "#24292f", background: "white" },
    ariaLabel: title,
    x: {
      type: "log",
      base: 2,
      label: "tokens",
      labelAnchor: "center",
      labelArrow: "none",
      labelOffset: 42,
      ticks: [...new Set(lengths)],
      tickFormat: String,
    },
    y: { type: "log", axis: null },
    color: { domain: series.map(({ name }) => name), range: colours },
    marks: [
      Plot.gridY(ticks),
      // With these as data and not as ticks, none of their labels is left out.
      Plot.axisY(ticks, {
        text: String,
        label: "milliseconds",
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 58,
      }),
      Plot.line(points, { x: "n", y: "ms", z: "name", stroke: "name", strokeWidth: 2 }),
      Plot.dot(points, { x: "n", y: "ms", fill: "name", r: 3.5 }),
      Plot.text(ends, {
        x: "n",
        y: "ms",
        text: "name",
        fill: "name",
        dx: 10,
        textAnchor: "start",
        fontWeight: 600,
      }),
      Plot.text([title], { frameAnchor: "top-left", dy: -34, fontSize: 15, fontWeight: 600 }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}

/** 1, 2 and 5 times the powers of ten from `low` to `high`. */
function ticksWithin(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
    ticks.push(...[1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

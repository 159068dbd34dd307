import * as Plot from "@observablehq/plot";
import { render, seriesColours, size } from "../report/plot.ts";
import type { ArmResult } from "./analysis.ts";

/** Mean held-out loss by step, a line an arm. */
export function lossChart(results: readonly ArmResult[]): string {
  const points = results.flatMap(({ arm, curve }) => curve.map((point) => ({ arm, ...point })));
  return render({
    ...size,
    ariaLabel: "Held-out loss by step",
    x: { label: "step" },
    y: { label: "held-out loss, nats a token", grid: true, nice: true },
    color: coloursOf(results),
    marks: [Plot.lineY(points, { x: "step", y: "loss", stroke: "arm" })],
  });
}

/** Mean held-out loss by seconds of training. */
export function timeChart(results: readonly ArmResult[]): string {
  const points = results
    .flatMap(({ arm, curve }) => curve.map(({ seconds, loss }) => ({ arm, loss, seconds })))
    .filter(({ seconds }) => seconds !== null);
  return render({
    ...size,
    ariaLabel: "Held-out loss by time",
    x: { label: "seconds of training" },
    y: { label: "held-out loss, nats a token", grid: true, nice: true },
    color: coloursOf(results),
    marks: [Plot.lineY(points, { x: "seconds", y: "loss", stroke: "arm" })],
  });
}

/** Differences to exact training by step, with their intervals as bands. */
export function gapChart(results: readonly ArmResult[]): string {
  const points = results.flatMap(({ arm, atSteps }) =>
    atSteps.flatMap(({ step, difference: { value, low, high } }) =>
      Number.isFinite(low) ? [{ arm, step, value, low, high }] : [],
    ),
  );
  return render({
    ...size,
    ariaLabel: "Difference to exact training by step",
    x: { label: "step" },
    y: { label: "held-out loss − exact, nats a token", grid: true, nice: true },
    color: coloursOf(results),
    marks: [
      Plot.areaY(points, { x: "step", y1: "low", y2: "high", fill: "arm", fillOpacity: 0.12 }),
      Plot.ruleY([0]),
      Plot.lineY(points, { x: "step", y: "value", stroke: "arm" }),
    ],
  });
}

/** The last difference of each arm, at equal steps and at equal time. */
export function finalChart(results: readonly ArmResult[]): string {
  const dots = results.flatMap(({ arm, atSteps, atTime }) => [
    ...atSteps.slice(-1).map(({ difference }) => ({ arm, at: "equal steps", ...difference })),
    ...(atTime === null ? [] : [{ arm, at: "equal time", ...atTime.difference }]),
  ]);
  const known = dots.filter(({ low }) => Number.isFinite(low));
  return render({
    ...size,
    height: 90 + 24 * results.length,
    marginLeft: 150,
    marginTop: 36,
    ariaLabel: "Difference to exact training in the end",
    x: { label: "held-out loss − exact, nats a token", grid: true, nice: true, ticks: 4 },
    y: { label: null, domain: results.map(({ arm }) => arm).slice(1) },
    fx: { label: null },
    color: coloursOf(results),
    marks: [
      Plot.ruleX([0]),
      Plot.ruleY(known, {
        fx: "at",
        y: "arm",
        x1: "low",
        x2: "high",
        stroke: "arm",
        strokeWidth: 3,
        strokeOpacity: 0.5,
      }),
      Plot.dot(dots, { fx: "at", y: "arm", x: "value", fill: "arm", r: 4 }),
    ],
  });
}

export function coloursOf(results: readonly ArmResult[]): ReturnType<typeof seriesColours> {
  return seriesColours(results.map(({ arm }) => arm));
}

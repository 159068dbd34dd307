import * as Plot from "@observablehq/plot";
import type { StepRecord } from "../run-folder/record.ts";
import { render, seriesColours, size } from "./plot.ts";

/** What the probes of a run with `--variance` found: the extra variance of all layers, and the target as a line. */
export function noiseChart(records: readonly StepRecord[], target: number): string {
  const points = records.flatMap(({ step, probe }) =>
    probe === undefined ? [] : [{ step, percent: 100 * probe.noise.flat().reduce((sum, v) => sum + v, 0) }],
  );
  return render({
    ...size,
    ariaLabel: "Extra variance by step",
    x: { label: "step", labelOffset: 38, domain: [0, records.length] },
    y: { label: "extra variance, %", grid: true, nice: true, zero: true },
    marks: [
      Plot.ruleY([100 * target], { stroke: "var(--held-out)", strokeDasharray: "4 3" }),
      Plot.lineY(points, { x: "step", y: "percent", stroke: "var(--loss)" }),
      Plot.dot(points, { x: "step", y: "percent", fill: "var(--loss)", r: 3 }),
    ],
  });
}

/** Weights that each layer, or each head of it, keeps a row, at each probe. */
export function budgetChart(records: readonly StepRecord[]): string {
  const points = records.flatMap(({ step, probe }) =>
    (probe?.kept ?? []).flatMap((parts, layer) =>
      parts.map((kept, part) => ({ step, kept, layer: layerName(layer), line: `${layer}.${part}` })),
    ),
  );
  return render({
    ...size,
    ariaLabel: "Kept weights by step",
    x: { label: "step", labelOffset: 38, domain: [0, records.length] },
    y: { label: "weights kept a row", grid: true, nice: true, zero: true },
    color: layerColours(records),
    marks: [
      Plot.lineY(points, { x: "step", y: "kept", stroke: "layer", z: "line" }),
      Plot.dot(points, { x: "step", y: "kept", fill: "layer", r: 2.5 }),
    ],
  });
}

export function layerColours(records: readonly StepRecord[]): ReturnType<typeof seriesColours> {
  const layers = records.find(({ probe }) => probe !== undefined)?.probe?.kept.length ?? 0;
  return seriesColours(Array.from({ length: layers }, (_, layer) => layerName(layer)));
}

function layerName(layer: number): string {
  return `layer ${layer}`;
}

import * as Plot from "@observablehq/plot";
import type { StepRecord } from "../run-folder/record.ts";
import { type Bin, inBins } from "./bins.ts";
import { render, size } from "./plot.ts";

/** Colours by role, as CSS variables that the page sets for light and dark. */
const colours = {
  loss: "var(--loss)",
  heldOut: "var(--held-out)",
  attentionForward: "var(--attention-forward)",
  attentionBackward: "var(--attention-backward)",
  rest: "var(--rest)",
} as const;

/** As many as a line has room for, and as many as make bars that can be told apart. */
const bins = { line: 300, bars: 60 };

/** Bits per byte against steps: the training batches, thin, and the held-out text, with `heldOutBefore` at step 0. */
export function lossChart(records: readonly StepRecord[], heldOutBefore: number): string {
  const heldOut = [
    { step: 0, bits: heldOutBefore },
    ...records.flatMap(({ step, heldOut: bits }) => (bits === null ? [] : [{ step, bits }])),
  ];
  return render({
    ...size,
    ariaLabel: "Loss curve",
    ariaDescription: "Bits per byte by step, on the training batches and on the held-out text",
    x: { label: "step", labelOffset: 38, domain: [0, records.length] },
    y: { label: "bits per byte", grid: true, nice: true },
    marks: [
      Plot.lineY(inBins(records, bins.line), {
        x: "step",
        y: "bitsPerByte",
        stroke: colours.loss,
        strokeWidth: 1.25,
      }),
      Plot.lineY(heldOut, { x: "step", y: "bits", stroke: colours.heldOut, strokeWidth: 2 }),
      Plot.dot(heldOut.length > bins.bars ? [] : heldOut, {
        x: "step",
        y: "bits",
        fill: colours.heldOut,
        r: 3.5,
      }),
    ],
  });
}

/** Milliseconds a step, stacked: attention forward, attention backward, the rest. */
export function timeChart(records: readonly StepRecord[]): string {
  const parts = ["rest", "attentionBackward", "attentionForward"] as const;
  const bars = inBins(records, bins.bars).flatMap((bin) =>
    parts.map((part) => ({ ...edges(bin), part, time: bin[part] })),
  );
  return render({
    ...size,
    ariaLabel: "Time split",
    ariaDescription: "Milliseconds a step spends in attention forward, attention backward and the rest",
    x: { label: "step", labelOffset: 38, domain: [0, records.length] },
    y: { label: "milliseconds a step", grid: true, nice: true },
    color: { domain: [...parts], range: parts.map((part) => colours[part]) },
    marks: [
      Plot.rectY(bars, {
        x1: "from",
        x2: "to",
        y: "time",
        fill: "part",
        order: [...parts],
        insetLeft: 0,
        insetRight: 0,
      }),
      Plot.ruleY([0]),
    ],
  });
}

function edges({ from, to }: Bin): { from: number; to: number } {
  return { from, to };
}

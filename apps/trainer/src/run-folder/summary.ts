import type { Config } from "./config.ts";
import type { StepRecord } from "./record.ts";

/** What `summary.json` holds: a run in a few numbers, medians over its steps where they differ from step to step. */
export interface Summary {
  readonly context: number;
  readonly c: number | "all";
  readonly design: string;
  /** Steps with the exact gradient before the sampled ones. */
  readonly exactFirst: number;
  readonly device: string;
  readonly threads: number;
  readonly steps: number;
  readonly tokens: number;
  readonly parameters: number;
  /** Null: not measured, because the run was stopped before its end. */
  readonly bitsPerByte: { readonly heldOutBefore: number; readonly heldOutAfter: number | null };
  /** Mean number of weights that a row of attention kept for the backward pass of a sampled step. */
  readonly keptPerRow: number;
  /** Share of the causal attention weights, n(n+1)/2 a head, through which no gradient flowed. */
  readonly cutShare: number;
  /**
   * With `--variance`: what sampling adds to the variance of the gradient, as asked for and as the second half of the probes
   * found it on average, null before the first. Null without.
   */
  readonly extraVariance: { readonly target: number; readonly measured: number | null } | null;
  readonly milliseconds: {
    readonly step: number;
    /** Null where the device could not measure its kernels, as on a GPU without time stamps. */
    readonly attentionForward: number | null;
    readonly attentionBackward: number | null;
    /** The exact backward pass on a batch on which `attentionBackward` was measured too; null too where that was not measured. */
    readonly attentionBackwardExact: number | null;
  };
}

export interface Measurements {
  readonly device: { readonly name: string; readonly threads: number };
  readonly parameters: number;
  readonly heldOutBefore: number;
  /** Null: not measured. */
  readonly comparison: Comparison | null;
}

/** Milliseconds of the attention backward pass on one batch. */
export interface Comparison {
  readonly sampled: number;
  readonly exact: number;
}

/** Sums up the records of at least one step. */
export function summarise(
  { settings }: Config,
  records: readonly StepRecord[],
  measurements: Measurements,
): Summary {
  const { context, c, design, exactFirst, batch } = settings;
  const exactSteps = c === "all" ? 0 : exactFirst;
  const sampled = sampledOf(records, exactSteps);
  const keptPerRow = meanKept(records, exactSteps);
  const { comparison } = measurements;
  const time = (part: "attentionForward" | "attentionBackward") => {
    const times = sampled.flatMap((record) => record.milliseconds[part] ?? []);
    return times.length === 0 ? null : median(times);
  };
  return {
    context,
    c,
    design,
    exactFirst: exactSteps,
    device: measurements.device.name,
    threads: measurements.device.threads,
    steps: records.length,
    tokens: records.length * batch * context,
    parameters: measurements.parameters,
    bitsPerByte: {
      heldOutBefore: measurements.heldOutBefore,
      heldOutAfter: records.at(-1)?.heldOut ?? null,
    },
    keptPerRow,
    cutShare: 1 - keptPerRow / ((context + 1) / 2),
    extraVariance: extraVariance(settings.variance, records),
    milliseconds: {
      step: median(records.map((record) => record.milliseconds.step)),
      attentionForward: time("attentionForward"),
      attentionBackward: comparison?.sampled ?? time("attentionBackward"),
      attentionBackwardExact: comparison?.exact ?? null,
    },
  };
}

/** Weights kept a row, on average over the sampled steps; over all where there are none. */
export function meanKept(records: readonly StepRecord[], exactFirst: number): number {
  return mean(sampledOf(records, exactFirst).map(({ keptPerRow }) => keptPerRow));
}

/** The records after the exact first steps; all where there are no others. */
function sampledOf(records: readonly StepRecord[], exactFirst: number): readonly StepRecord[] {
  return records.length > exactFirst ? records.slice(exactFirst) : records;
}

function extraVariance(target: number | null, records: readonly StepRecord[]): Summary["extraVariance"] {
  if (target === null) return null;
  const found = records.flatMap(({ probe }) =>
    probe === undefined ? [] : [probe.noise.flat().reduce((sum, v) => sum + v, 0)],
  );
  const late = found.slice(found.length >> 1);
  return { target, measured: late.length === 0 ? null : mean(late) };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

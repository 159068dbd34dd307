import type { StepRecord } from "../run-folder/record.ts";

/** How fast a run goes, judged by its last steps. */
export interface Pace {
  readonly tokensPerSecond: number;
  /** Milliseconds until the last step, evaluations not counted. */
  readonly left: number;
  /** Shares of a step's time, which add up to 1; nothing where not all steps were measured. */
  readonly shares?: {
    readonly attentionForward: number;
    readonly attentionBackward: number;
    readonly rest: number;
  };
}

/** The pace over some steps in a row, at least one. */
export function paceOf(
  records: readonly StepRecord[],
  run: { readonly steps: number; readonly tokensPerStep: number },
): Pace {
  const sum = (value: (record: StepRecord) => number) =>
    records.reduce((total, record) => total + value(record), 0);
  const total = sum((record) => record.milliseconds.step);
  const attentionForward = sum((record) => record.milliseconds.attentionForward ?? Number.NaN) / total;
  const attentionBackward = sum((record) => record.milliseconds.attentionBackward ?? Number.NaN) / total;
  const shares = { attentionForward, attentionBackward, rest: 1 - attentionForward - attentionBackward };
  return {
    tokensPerSecond: (1000 * run.tokensPerStep * records.length) / total,
    left: (total / records.length) * (run.steps - records.at(-1)!.step),
    ...(Number.isNaN(shares.rest) ? {} : { shares }),
  };
}

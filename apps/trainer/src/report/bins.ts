import type { StepRecord } from "../run-folder/record.ts";
import { mean } from "../run-folder/summary.ts";

/** Means over some steps in a row, drawn between `from` and `to`. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  /** The middle step. */
  readonly step: number;
  readonly bitsPerByte: number;
  /** 0 where it was not measured. */
  readonly attentionForward: number;
  readonly attentionBackward: number;
  /** Milliseconds of a step outside attention. */
  readonly rest: number;
}

/** The records in at most `maximumBins` bins of equally many steps: a report stays small however long the run was. */
export function inBins(records: readonly StepRecord[], maximumBins: number): Bin[] {
  const steps = Math.max(1, Math.ceil(records.length / maximumBins));
  const count = Math.ceil(records.length / steps);
  return Array.from({ length: count }, (_, bin) => toBin(records.slice(bin * steps, (bin + 1) * steps)));
}

function toBin(records: readonly StepRecord[]): Bin {
  const first = records[0]!.step;
  const last = records.at(-1)!.step;
  const average = (value: (record: StepRecord) => number) => mean(records.map(value));
  const attentionForward = average((record) => record.milliseconds.attentionForward ?? 0);
  const attentionBackward = average((record) => record.milliseconds.attentionBackward ?? 0);
  return {
    from: first - 1,
    to: last,
    step: (first + last) / 2,
    bitsPerByte: average((record) => record.bitsPerByte),
    attentionForward,
    attentionBackward,
    rest: average((record) => record.milliseconds.step) - attentionForward - attentionBackward,
  };
}

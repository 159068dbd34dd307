import { formatMilliseconds } from "../format.ts";
import type { ArmResult } from "./analysis.ts";

export const tableHead: readonly string[] = [
  ...["arm", "runs", "steps", "kept a row", "time a step", "held out"],
  ...["− exact, equal steps", "− exact, equal time"],
];

/** A line an arm: losses in nats a token, differences with 95 % intervals. */
export function tableRows(results: readonly ArmResult[]): string[][] {
  return results.map((result) => [
    ...[result.arm, String(result.runs), String(result.steps), result.keptPerRow.toFixed(1)],
    result.millisecondsPerStep === null ? "–" : formatMilliseconds(result.millisecondsPerStep),
    result.heldOut.toFixed(4),
    result.atSteps.length === 0 ? "–" : formatDifference(result.atSteps.at(-1)!.difference),
    result.atTime === null ? "–" : formatDifference(result.atTime.difference),
  ]);
}

/** What of an interval is printed; JSON has null for infinite ends. */
export interface PrintedInterval {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** +0.0123 (+0.0100 … +0.0146); a single order has no interval. */
export function formatDifference({ value, low, high }: PrintedInterval): string {
  const signed = (x: number) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(4)}`;
  const isKnown = (end: number | null): end is number => Number.isFinite(end);
  return isKnown(low) && isKnown(high)
    ? `${signed(value)} (${signed(low)} … ${signed(high)})`
    : signed(value);
}

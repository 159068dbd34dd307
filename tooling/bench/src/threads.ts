import { availableParallelism } from "node:os";
import type { SuiteOptions } from "./suite.ts";

/** The numbers of threads to measure: the one asked for, or one and all cores. */
export function threadCounts({ threads }: SuiteOptions): number[] {
  return threads === undefined ? [...new Set([1, availableParallelism()])] : [threads];
}

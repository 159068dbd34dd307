import type { Csr } from "@sus/sparse";
import { onDevice, ShapeError } from "@sus/tensor";
import { type AttentionResiduals, problemOf } from "../attention/problem.ts";
import { topKWasm } from "./wasm.ts";

/**
 * The k largest weights of each row of attention as they are, [b·hq·n, n]; of equal weights those of the first keys.
 *
 * A control for experiments, not an estimator: what is left out is missing on average, so gradients computed from it
 * are **biased**. It needs the normalisers of a forward pass and computes the scores a second time: O(n²·d) time, plain
 * loops, O(n·k) memory.
 *
 * @param residuals what `attentionForward` returned.
 * @param k whole; rows that see fewer keys keep all of them.
 * @returns a matrix for `attentionBackward`, the caller's to dispose.
 * @throws ShapeError for another k, DeviceError where the matrix does not fit in memory.
 */
export function topK(residuals: AttentionResiduals, k: number): Csr {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new ShapeError(`topK: expected k to be a whole number of at least 1, got ${k}`);
  }
  const problem = problemOf("topK", residuals.q, residuals.k, residuals.v);
  return onDevice(problem.device, { wasm: (device) => topKWasm(device, problem, residuals, k) });
}

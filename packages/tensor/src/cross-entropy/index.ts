import { commonDevice, expectFloats, expectShape, expectType, onDevice } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { softmaxCrossEntropyWasm } from "./wasm.ts";
import { softmaxCrossEntropyWebGpu } from "./webgpu.ts";

export interface CrossEntropyOptions {
  /** Write the gradient over the logits, which saves an array of their size. */
  readonly overwrite?: boolean;
}

export interface CrossEntropyResult {
  /** [1], the mean over the rows, in nats. */
  readonly loss: Tensor;
  /** The derivative of `loss` by the logits. */
  readonly gradient: Tensor;
}

/**
 * The mean cross-entropy of softmax(logits) against the targets, together with its gradient:
 * `loss = average over t of ln Σ_v e^{logits[t, v]} − logits[t, targets[t]]` in nats,
 * `gradient[t] = (softmax(logits[t]) − onehot(targets[t])) / rows`.
 *
 * @param logits [rows, vocabulary], at least one row.
 * @param targets u32 [rows], below `vocabulary`; checked before anything is computed, on WebGPU by the next read.
 * @returns new tensors, the caller's to dispose; with `overwrite` the gradient is a new handle on the logits' memory.
 * @throws ShapeError where the shapes do not fit or a target is out of range, DeviceError where the devices differ.
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  targets: Tensor,
  { overwrite = false }: CrossEntropyOptions = {},
): CrossEntropyResult {
  expectFloats("softmaxCrossEntropy", { logits });
  const [rows] = expectShape("softmaxCrossEntropy", "logits", logits, ["rows", "vocabulary"]) as [
    number,
    number,
  ];
  expectType("softmaxCrossEntropy", "targets", targets, "u32");
  expectShape("softmaxCrossEntropy", "targets", targets, [rows]);
  if (rows === 0) throw new ShapeError("softmaxCrossEntropy: expected at least one row, got none");
  return onDevice(commonDevice("softmaxCrossEntropy", logits, targets), {
    wasm: (device) => softmaxCrossEntropyWasm(device, logits, targets, overwrite),
    webgpu: (device) => softmaxCrossEntropyWebGpu(device, logits, targets, overwrite),
  });
}

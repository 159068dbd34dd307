import { commonDevice, expectFloats, expectNumber, expectShape, onDevice } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { adamwWasm } from "./wasm.ts";
import { adamwWebGpu } from "./webgpu.ts";

/** A parameter with what the optimiser keeps for it, all of one shape. */
export interface AdamwState {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /** The running average of the gradient; zeros before the first step. */
  readonly m: Tensor;
  /** The running average of the gradient's square; zeros before the first step. */
  readonly v: Tensor;
}

export interface AdamwOptions {
  /** The number of this step, from 1: the averages are corrected for having started from zero. */
  readonly step: number;
  readonly learningRate: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled: every step also takes `learningRate · weightDecay` of the parameter away. Default 0.01. */
  readonly weightDecay?: number;
}

/**
 * One step of AdamW, in place: `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²` and
 * `p ← p − η · (m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λ p)`.
 * Source: Loshchilov, Hutter, "Decoupled Weight Decay Regularization" (ICLR 2019).
 *
 * @throws ShapeError where the shapes differ or an option is out of range, DeviceError where the devices differ.
 */
export function adamw(state: AdamwState, options: AdamwOptions): void {
  const { parameter, gradient, m, v } = state;
  const { step, learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  expectFloats("adamw", { parameter, gradient, m, v });
  for (const [name, tensor] of Object.entries({ gradient, m, v })) {
    expectShape("adamw", name, tensor, parameter.shape);
  }
  if (!Number.isSafeInteger(step) || step < 1) {
    throw new ShapeError(`adamw: expected step to be a whole number of at least 1, got ${step}`);
  }
  expectNumber("adamw", "learningRate", learningRate, { atLeast: 0 });
  expectNumber("adamw", "beta1", beta1, { atLeast: 0, below: 1 });
  expectNumber("adamw", "beta2", beta2, { atLeast: 0, below: 1 });
  expectNumber("adamw", "epsilon", epsilon, { atLeast: 0 });
  expectNumber("adamw", "weightDecay", weightDecay, { atLeast: 0 });
  const full = { step, learningRate, beta1, beta2, epsilon, weightDecay };
  onDevice(commonDevice("adamw", parameter, gradient, m, v), {
    wasm: (device) => adamwWasm(device, state, full),
    webgpu: (device) => adamwWebGpu(device, state, full),
  });
}

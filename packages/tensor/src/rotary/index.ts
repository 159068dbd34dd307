import { expectFloats, expectNumber, expectShape, onDevice } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { rotaryWasm } from "./wasm.ts";
import { rotaryWebGpu } from "./webgpu.ts";

export interface RotaryOptions {
  /** The pairs turn by 1 to `1/base` radians a position, in geometric progression. Default 10,000. */
  readonly base?: number;
  /** Turns back: the inverse, which is also the pullback. */
  readonly inverse?: boolean;
  /** The position of the first row, at least 0: for text that goes on. */
  readonly offset?: number;
}

/**
 * Rotary position embedding: turns the pair `(x_i, x_{i + d/2})` of every head at position p by the angle
 * `(offset + p) · base^{−2i/d}`, for i from 0 to d/2 − 1, so that the product of a query and a key depends on the
 * distance of their positions. (The pairs are the two halves, as in GPT-NeoX and Llama, not neighbours.)
 * Source: Su et al., "RoFormer: Enhanced Transformer with Rotary Position Embedding" (2021).
 *
 * @param x [batch, n, heads, d], d even.
 * @returns a new tensor of that shape, the caller's to dispose.
 * @throws ShapeError where `x` has another shape or d is odd.
 */
export function rotary(x: Tensor, options: RotaryOptions = {}): Tensor {
  const { base = 10_000, inverse = false, offset = 0 } = options;
  expectFloats("rotary", { x });
  const d = expectShape("rotary", "x", x, ["batch", "n", "heads", "d"])[3]!;
  if (d % 2 !== 0)
    throw new ShapeError(`rotary: expected x of shape [batch, n, heads, d] with d even, got d = ${d}`);
  expectNumber("rotary", "base", base, { above: 0 });
  expectNumber("rotary", "offset", offset, { atLeast: 0 });
  return onDevice(x.device, {
    wasm: (device) => rotaryWasm(device, x, { base, inverse, offset }),
    webgpu: (device) => rotaryWebGpu(device, x, { base, inverse, offset }),
  });
}

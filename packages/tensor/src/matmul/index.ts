import { commonDevice, expectShape, expectType, onDevice } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { matmulWasm } from "./wasm.ts";
import { matmulWebGpu } from "./webgpu.ts";

export interface MatmulOptions {
  /** `a` is stored as [k, m]. */
  readonly transposeA?: boolean;
  /** `b` is stored as [n, k]. */
  readonly transposeB?: boolean;
  /** Where to write the product, instead of a new tensor; it must not share memory with `a` or `b`. */
  readonly out?: Tensor;
  /** Add to `out` instead of overwriting it. */
  readonly accumulate?: boolean;
}

/**
 * The matrix product `out = op(a) · op(b)`, where op transposes on demand: 2·m·n·k operations.
 *
 * @param a [m, k], or [k, m] with `transposeA`.
 * @param b [k, n], or [n, k] with `transposeB`.
 * @returns [m, n]: `options.out` where given, else a new tensor, the caller's to dispose.
 * @throws ShapeError where the shapes do not fit, DeviceError where the devices differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, out, accumulate = false } = options;
  expectType("matmul", "a", a, "f32");
  expectType("matmul", "b", b, "f32");
  const [a0, a1] = expectShape("matmul", "a", a, transposeA ? ["k", "m"] : ["m", "k"]) as [number, number];
  const [m, k] = transposeA ? [a1, a0] : [a0, a1];
  const [b0, b1] = expectShape("matmul", "b", b, transposeB ? ["n", k] : [k, "n"]) as [number, number];
  const n = transposeB ? b0 : b1;
  if (out !== undefined) {
    expectType("matmul", "out", out, "f32");
    expectShape("matmul", "out", out, [m, n]);
    if (out.storage === a.storage || out.storage === b.storage) {
      throw new ShapeError("matmul: expected out to have memory of its own, it shares that of a or b");
    }
  } else if (accumulate) {
    throw new ShapeError("matmul: expected out, the tensor to add to, because accumulate is set");
  }
  const device = commonDevice("matmul", a, b, ...(out ? [out] : []));
  const sizes = { m, n, k, transposeA, transposeB, accumulate };
  return onDevice(device, {
    wasm: (wasm) => matmulWasm(wasm, a, b, sizes, out),
    webgpu: (gpu) => matmulWebGpu(gpu, a, b, sizes, out),
  });
}

import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { kernels } from "../wasm/kernels.ts";
import type { MatmulSizes } from "./shape.ts";

// Cache blocking: a panel of B (depth × 8) takes 8 KB of the first-level cache; the panels of a block of B 512 KB and
// a block of A 128 KB of the second-level cache.
const depthLimit = 256;
const columnLimit = 512;
const rowLimit = 128;

/** The most rows (or columns) of a part: every part packs the other operand again, which few rows would not repay. */
const partLimit = 256;

const tileRows = 4;
const tileColumns = 8;
const edgeBytes = 128;

/** Writes to `given`, or to a new tensor. */
export function matmulWasm(
  device: WasmDevice,
  a: Tensor,
  b: Tensor,
  sizes: MatmulSizes,
  given?: Tensor,
): Tensor {
  return withOutput(device, [sizes.m, sizes.n], (out) => multiply(device, a, b, sizes, out), given);
}

function multiply(
  device: WasmDevice,
  a: Tensor,
  b: Tensor,
  { m, n, k, transposeA, transposeB, accumulate }: MatmulSizes,
  out: Tensor,
): void {
  if (k === 0 && !accumulate) device.view(out).fill(0);
  if (m === 0 || n === 0 || k === 0) return;
  const depth = evenBlock(k, depthLimit, 4);
  const columns = evenBlock(n, columnLimit, tileColumns);
  const rows = evenBlock(m, rowLimit, tileRows);
  const byColumns = n > m;
  const [count, unit] = byColumns ? [n, tileColumns] : [m, tileRows];
  const addresses = [device.pointer(a), device.pointer(b), device.pointer(out)];
  const flags = [transposeA, transposeB, accumulate, byColumns].map(Number);
  device.run(kernels, "matmul", count, [...addresses, m, n, k, ...flags, depth, columns, rows], {
    scratchBytes: edgeBytes + 4 * depth * (columns + (transposeA ? rows : 0)),
    grain: Math.ceil(Math.min(partLimit, count / device.threads) / unit) * unit,
  });
}

/** The length of blocks of nearly equal length, multiples of `unit`, that cover `length`. */
function evenBlock(length: number, limit: number, unit: number): number {
  const blocks = Math.ceil(length / limit);
  return Math.ceil(length / blocks / unit) * unit;
}

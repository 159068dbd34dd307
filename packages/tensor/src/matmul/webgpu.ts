import { runAdd } from "../add/webgpu.ts";
import { runSumRows } from "../bias/column-sums.ts";
import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { type Chunk, rowsOf, type TensorRange } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { leastTile, type Plan, planOf } from "./plan.ts";
import type { MatmulSizes } from "./shape.ts";

interface Product {
  readonly device: WebGpuDevice;
  readonly a: Tensor;
  readonly b: Tensor;
  readonly out: Tensor;
  readonly sizes: MatmulSizes;
}

/** Rows and columns of `out` and terms of the sums that one dispatch deals with. */
interface Part {
  readonly rows: Chunk;
  readonly columns: Chunk;
  readonly depths: Chunk;
}

/** Writes to `given`, or to a new tensor. */
export function matmulWebGpu(
  device: WebGpuDevice,
  a: Tensor,
  b: Tensor,
  sizes: MatmulSizes,
  given?: Tensor,
): Tensor {
  const { m, n } = sizes;
  return withOutput(device, [m, n], (out) => multiply({ device, a, b, out, sizes }), given);
}

/** Splits the product where an operand or the result does not fit into one binding. */
function multiply(product: Product): void {
  const { device, out, sizes } = product;
  const { m, n, k, transposeA, transposeB, accumulate } = sizes;
  if (k === 0 && !accumulate) device.clear(out);
  if (m === 0 || n === 0 || k === 0) return;
  const chunks = (length: number, most: number | undefined, ...widths: readonly (number | false)[]) =>
    device.chunks(
      "matmul",
      length,
      widths.filter((width) => width !== false),
      most,
    );
  // A dispatch has so many tiles along the rows or the columns.
  const most = device.workgroupsPerDimension * leastTile;
  for (const rows of chunks(m, most, n, !transposeA && k)) {
    for (const columns of chunks(n, most, transposeB && k)) {
      for (const depths of chunks(k, undefined, transposeA && m, !transposeB && n)) {
        multiplyPart(product, { rows, columns, depths });
      }
    }
  }
}

function multiplyPart(product: Product, part: Part): void {
  const { out, sizes } = product;
  const { rows, columns, depths } = part;
  const accumulate = sizes.accumulate || depths.first > 0;
  const whole = rows.count === sizes.m && columns.count === sizes.n;
  const plan = planOf(rows.count, columns.count, depths.count, whole);
  const target = { outStride: sizes.n, outSkip: columns.first, splitSize: sizes.m * sizes.n };
  const splits = plan.workgroups[2];
  if (splits === 1) {
    run(product, part, plan, rowsOf(out, rows, sizes.n), { ...target, accumulate: Number(accumulate) });
    return;
  }
  const { device } = product;
  using partial = device.empty([splits, target.splitSize]);
  run(product, part, plan, partial, { ...target, accumulate: 0 });
  sumSplits(product, partial, accumulate);
}

function sumSplits({ device, out }: Product, partial: Tensor, accumulate: boolean): void {
  const [rows, width] = partial.shape as [number, number];
  if (accumulate) {
    using sum = device.empty([width]);
    runSumRows(device, partial, { rows, width }, sum);
    runAdd(device, out, sum, out);
  } else {
    runSumRows(device, partial, { rows, width }, out);
  }
}

function run(
  { device, a, b, sizes }: Product,
  { rows, columns, depths }: Part,
  { kernels, constants, workgroups, depth }: Plan,
  out: Tensor | TensorRange,
  target: Readonly<Record<"outStride" | "outSkip" | "splitSize" | "accumulate", number>>,
): void {
  const { m, n, k, transposeA, transposeB } = sizes;
  // Four neighbours are read, and written, together where rows begin at whole vectors.
  const whole = (length: number, { first, count }: Chunk) => (length | first | count) % 4 === 0;
  const vectors = whole(n, columns) && (!transposeA || whole(m, rows));
  device.run(vectors ? kernels.vectors : kernels.scalars, {
    bindings: [
      out,
      transposeA ? rowsOf(a, depths, m) : rowsOf(a, rows, k),
      transposeB ? rowsOf(b, columns, k) : rowsOf(b, depths, n),
    ],
    uniforms: {
      ...target,
      m: rows.count,
      n: columns.count,
      k: depths.count,
      depth,
      aStride: transposeA ? m : k,
      aSkip: transposeA ? rows.first : depths.first,
      bStride: transposeB ? k : n,
      bSkip: transposeB ? depths.first : columns.first,
    },
    constants: { ...constants, TRANSPOSE_A: Number(transposeA), TRANSPOSE_B: Number(transposeB) },
    workgroups,
  });
}

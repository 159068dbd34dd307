import { Csr } from "@sus/sparse";
import { allOrNothing, type Tensor, type WasmDevice } from "@sus/tensor";
import type { AttentionResiduals, Problem, Thinning } from "../problem.ts";
import { largestFloat, mostSteps } from "../thinning.ts";
import { kernels } from "./kernels.ts";
import { borrow } from "./memory.ts";
import { startsOf } from "./starts.ts";

/** Entries of a unit of the sums. */
const block = 4096;

/** Bytes of the orders that bring lanes to the front: assembly/lib/packing.ts. */
const packingBytes = 256;

/** What the second stage left of a sample. */
export interface Thinned {
  readonly sample: Csr;
  /** 1/q of both stages, where the sample came with factors. */
  readonly factors?: Tensor;
  /** The λ of `q₂ = min(1, λ·x)`. */
  readonly lambda: number;
}

/**
 * The second stage, see assembly/backward/thin.ts: worths x, the λ that keeps `c` entries a row on average given them, and
 * the kept entries. Nothing where there is nothing to thin: the sample has no more than that, or dO is 0.
 */
export function thinWasm(
  device: WasmDevice,
  problem: Problem,
  residuals: AttentionResiduals,
  first: { readonly sample: Csr; readonly factors: Tensor | undefined },
  { c, factor, key }: Thinning,
  dOut: Tensor,
): Thinned | undefined {
  const { indptr, indices, data, nnz, shape } = first.sample;
  const [rows] = shape;
  if (nnz <= c * rows) return undefined;
  const at = (...tensors: (Tensor | undefined)[]) =>
    tensors.map((tensor) => (tensor === undefined ? 0 : device.pointer(tensor)));
  return borrow(device, [(nnz + 3) * 4], (worths) => {
    if (factor === "row") {
      const args = [...at(indptr, data, dOut), worths, problem.length, problem.queryHeads, problem.depth];
      device.run(kernels, "attentionThinByRow", rows, args);
    } else weighEntries(device, problem, residuals, first.sample, dOut, worths);
    const lambda = solve(device, worths, nnz, c * rows);
    if (lambda === undefined) return undefined;

    return allOrNothing((own) => {
      const starts = own(device.empty(indptr.shape, "u32"));
      const keep = (to: readonly number[]) =>
        device.run(
          kernels,
          "attentionThinKeep",
          rows,
          [
            ...at(indptr, indices, data, first.factors),
            ...[worths, problem.length, lambda, key.k0, key.k1],
            ...at(starts),
            ...to,
          ],
          { scratchBytes: packingBytes },
        );
      keep([0, 0, 0]);
      const kept = startsOf(device.view(starts));
      const places = own(device.empty([kept], "u32"));
      const estimates = own(device.empty([kept]));
      const factors = first.factors && own(device.empty([kept]));
      keep(at(places, estimates, factors));
      const sample = new Csr(shape, { indptr: starts, indices: places, data: estimates });
      return { sample, ...(factors === undefined ? {} : { factors }), lambda };
    });
  });
}

function weighEntries(
  device: WasmDevice,
  { batch, length, queryHeads, keyHeads, depth }: Problem,
  { q, k, v, out, scale }: AttentionResiduals,
  { indptr, indices, data, shape }: Csr,
  dOut: Tensor,
  worths: number,
): void {
  const keys = batch * length * keyHeads;
  borrow(device, [keys * 4], (squares) => {
    device.run(kernels, "attentionThinSquares", keys, [device.pointer(k), squares, depth]);
    device.run(kernels, "attentionThinByEntry", shape[0], [
      ...[indptr, indices, data, q, v, out, dOut].map((tensor) => device.pointer(tensor)),
      ...[squares, worths, length, queryHeads, keyHeads, depth, scale],
    ]);
  });
}

/**
 * The λ for which Σ min(1, λ·x) = count, to 10⁻³: by Newton's method from 0, which a concave function makes rise to it.
 * Nothing where all x are 0.
 */
function solve(device: WasmDevice, worths: number, nnz: number, count: number): number | undefined {
  const blocks = Math.ceil(nnz / block);
  return borrow(device, [blocks * 8], (pointer) => {
    let lambda = 0;
    for (let step = 0; step < mostSteps; step++) {
      device.run(kernels, "attentionThinSum", blocks, [worths, nnz, block, lambda, pointer]);
      const sums = device.viewAt("f32", pointer, 2 * blocks);
      let [below, capped] = [0, 0];
      for (let i = 0; i < sums.length; i += 2) {
        below += sums[i]!;
        capped += sums[i + 1]!;
      }
      if (below === 0) break;
      const next = Math.min(largestFloat, Math.fround((count - capped) / below));
      if (!(next > lambda)) break;
      const settled = next < 1.001 * lambda;
      lambda = next;
      if (settled) break;
    }
    return lambda === 0 ? undefined : lambda;
  });
}

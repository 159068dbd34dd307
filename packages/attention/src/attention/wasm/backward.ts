import type { Csr } from "@sus/sparse";
import { allOrNothing, type Tensor, type WasmDevice } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Baseline, Problem } from "../problem.ts";
import { blockRows, gainingHeads } from "../scores-baseline.ts";
import { kernels } from "./kernels.ts";
import { borrow } from "./memory.ts";
import { thinWasm } from "./thin.ts";

/** Bytes of an entry sorted by column: `ENTRY` of assembly/backward/entries.ts. */
const entryBytes = 16;

/** Columns of a unit of the baselines' part: `STRIP` of assembly/backward/baseline.ts. */
const stripColumns = 16;

/** Fewer rows are not worth a slice of their own. */
const leastSlice = 256;

/** Entries are taken four at a time: so many may be read behind the last. */
const spareEntries = 3;

/** The backward pass with weights, of which those of the forward pass's own sample are thinned where that was asked for. */
export function sampledBackwardWasm(
  device: WasmDevice,
  problem: Problem,
  residuals: AttentionResiduals,
  weights: Csr,
  dOut: Tensor,
): AttentionGradients {
  const { baseline, thinning } = weights === residuals.sample ? residuals : {};
  const first = { sample: weights, factors: baseline?.factors };
  const thinned = thinning && thinWasm(device, problem, residuals, first, thinning, dOut);
  if (thinned === undefined) {
    const gradients = backwardWasm(device, problem, residuals, weights, baseline, dOut);
    return thinning === undefined ? gradients : { ...gradients, thinned: weights.nnz };
  }
  const { sample, factors } = thinned;
  try {
    const kept = baseline && factors && { ...baseline, factors };
    return { ...backwardWasm(device, problem, residuals, sample, kept, dOut), thinned: sample.nnz };
  } finally {
    sample[Symbol.dispose]();
    factors?.[Symbol.dispose]();
  }
}

/**
 * The backward pass with the entries of a sample: sorted by column (Count, Move), what the baselines add to dV
 * (Baseline) and to dQ and dK (QueriesBaseline, KeysBaseline), along the columns for dK, dV and the gradients of the entries (Columns), along the rows for dQ (Rows).
 */
function backwardWasm(
  device: WasmDevice,
  problem: Problem,
  { q, k, v, out, causal, scale }: AttentionResiduals,
  { indptr, indices, data, nnz }: Csr,
  baseline: Baseline | undefined,
  dOut: Tensor,
): AttentionGradients {
  const { batch, length, queryHeads, keyHeads, depth } = problem;
  const heads = batch * keyHeads;
  const headRows = (queryHeads / keyHeads) * length;
  const slices = slicesOf(device.threads, heads, headRows, depth);
  const startCount = heads * slices * length + 1;
  const all = baseline?.of === "all" ? baseline : undefined;
  const at = (...tensors: Tensor[]) => tensors.map((tensor) => device.pointer(tensor));
  const baselines = baseline === undefined ? [0, 0] : at(baseline.beta, baseline.factors);
  const run = (kernel: string, count: number, args: number[], scratch = 0) =>
    device.run(kernels, `attentionBackward${kernel}`, count, args, { scratchBytes: scratch });

  return allOrNothing((own) => {
    const dq = own(device.empty(q.shape));
    const dk = own(device.empty(k.shape));
    const dv = own(device.empty(v.shape));
    const bytes = [nnz * 4, (nnz + spareEntries) * entryBytes, startCount * 4, batch * queryHeads * 4];
    borrow(device, bytes, (gradient, entries, starts, gains) => {
      const cut = [length, headRows, slices];
      run("Count", heads * slices, [...at(indptr, indices), starts, ...cut]);
      device.viewAt("u32", starts, startCount)[startCount - 1] = nnz;
      device.viewAt("u32", entries + nnz * entryBytes, (spareEntries * entryBytes) / 4).fill(0);
      if (all !== undefined) {
        const heads = gainingHeads(device.view(all.beta), { length, causal });
        device.viewAt("u32", gains, heads.length).set(heads);
      }
      run(
        "Move",
        heads * slices,
        [
          ...at(indptr, indices, data, out, dOut),
          ...baselines,
          all === undefined ? 0 : gains,
          ...[starts, entries, gradient],
          ...[...cut, queryHeads, depth, Number(causal)],
        ],
        length * 4,
      );
      if (baseline !== undefined) {
        run("Baseline", heads * Math.ceil(depth / stripColumns), [
          ...at(baseline.beta, dOut, dv),
          ...[length, queryHeads, keyHeads, depth, Number(causal)],
        ]);
      }
      if (all !== undefined) {
        const units = heads * Math.ceil(depth / stripColumns);
        const sizes = [length, queryHeads, keyHeads, depth, Number(causal), scale];
        const state = (depth + 1 + blockRows) * stripColumns * 4 + blockRows * 8;
        const residuals = at(out, dOut, all.beta);
        run("QueriesBaseline", units, [...at(k, v), ...residuals, gains, ...at(dq), ...sizes], state);
        run("KeysBaseline", units, [...at(q, v), ...residuals, gains, ...at(dk), ...sizes], state);
      }
      run("Columns", heads * length, [
        ...at(q, k, v, dOut),
        ...[entries, starts, gradient],
        ...at(dk, dv),
        ...[length, slices, keyHeads, depth, scale, all !== undefined ? 2 : Number(baseline !== undefined)],
      ]);
      run("Rows", batch * queryHeads * length, [
        ...at(k, indptr, indices),
        gradient,
        ...at(dq),
        ...[length, queryHeads, keyHeads, depth, Number(all !== undefined)],
      ]);
    });
    return { dq, dk, dv };
  });
}

/**
 * How many slices to cut a head's rows into: the queries and cotangents of one, 8 bytes for each of rows · depth, should
 * stay in a cache of a megabyte, and every thread should have a slice to sort. Columns are summed in the order of their
 * rows, so the results are the same for any number.
 */
function slicesOf(threads: number, heads: number, rows: number, depth: number): number {
  const forCache = Math.round((rows * depth) / 2 ** 17);
  const forThreads = Math.min(Math.ceil(threads / heads), Math.floor(rows / leastSlice));
  return Math.max(1, forCache, forThreads);
}

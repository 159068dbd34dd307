import { Csr } from "@sus/sparse";
import type { Tensor } from "@sus/tensor";
import type { Baseline, SampleOptions } from "../problem.ts";
import type { Pass } from "./forward.ts";
import { kernels } from "./kernels.ts";
import { allOrNothing, borrow } from "./memory.ts";
import { roundUp } from "./pack.ts";
import { candidateBytes, scratchBytes, spare } from "./scratch.ts";
import { startsOf } from "./starts.ts";

/** A row's count where its candidates did not fit: `CROWDED` of assembly/forward/bernoulli.ts. */
const crowded = 0x7fffffff;

/** A sample, and what its baselines need. */
export interface Drawn {
  readonly sample: Csr;
  readonly baseline?: Baseline;
}

/**
 * The forward pass with a bernoulli sample. How many entries a row keeps is random: rows are written to slots of equal
 * size first, then moved together. Where a slot or a row's room for candidates was too small the pass is run again
 * with more, to the same result.
 */
export function sampleBernoulli(pass: Pass, { c, key }: SampleOptions): Drawn {
  const { device, problem } = pass;
  const rows = rowsOf(pass);
  const most = roundUp(problem.length, 16);
  let slot = Math.min(problem.length, Math.ceil(c + 6 * Math.sqrt(c) + 8));
  let capacity = Math.min(most, roundUp(6 * c + 128, 16));
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    for (;;) {
      const done = borrow(device, slotBytes(pass, slot), (...slots) => {
        const args = [c, key.k0, key.k1, capacity, device.pointer(indptr), ...slotArgs(slots), slot];
        device.run(kernels, "attentionForwardBernoulli", pass.blocks, [...pass.args, ...args], {
          scratchBytes: scratchBytes(pass, candidateBytes(capacity, 2)),
        });
        const counts = device.view(indptr);
        const largest = largestOf(counts.subarray(0, rows));
        if (largest === crowded) capacity = Math.min(most, 2 * capacity);
        else if (largest > slot) slot = largest;
        else return collect(pass, indptr, startsOf(counts), [...slotArgs(slots), slot]);
        return undefined;
      });
      if (done !== undefined) return done;
    }
  });
}

/** Moves the rows from their slots to where `indptr` says. */
function collect(pass: Pass, indptr: Tensor, nnz: number, slots: readonly number[]): Drawn {
  return allOrNothing((own) => {
    const entries = entriesOf(pass, nnz, own);
    const args = [pass.device.pointer(indptr), ...slots, ...entries.pointers];
    pass.device.run(kernels, "attentionForwardCollect", rowsOf(pass), args);
    return entries.with(indptr);
  });
}

/** New memory for the entries of a sample. */
function entriesOf(pass: Pass, nnz: number, own: <D extends Disposable>(made: D) => D) {
  const { device, problem, beta } = pass;
  const indices = own(device.empty([nnz], "u32"));
  const data = own(device.empty([nnz]));
  const factors = beta === undefined ? undefined : own(device.empty([nnz]));
  return {
    pointers: [indices, data, factors].map((tensor) => (tensor === undefined ? 0 : device.pointer(tensor))),
    with: (indptr: Tensor): Drawn => ({
      sample: new Csr([rowsOf(pass), problem.length], { indptr, indices, data }),
      ...(beta === undefined || factors === undefined ? {} : { baseline: { beta, factors } }),
    }),
  };
}

/** The forward pass with a priority sample, whose rows have known lengths. */
export function samplePriority(pass: Pass, { c, key }: SampleOptions): Drawn {
  const { device, problem, causal } = pass;
  const { length } = problem;
  const budget = Math.min(c, length);
  const capacity = roundUp(budget + 1, 4) + 96;
  return allOrNothing((own) => {
    const indptr = own(device.empty([rowsOf(pass) + 1], "u32"));
    const counts = device.view(indptr);
    for (let row = 0; row < counts.length; row++) {
      counts[row] = Math.min(budget, causal ? (row % length) + 1 : length);
    }
    const nnz = startsOf(counts);
    const entries = entriesOf(pass, nnz, own);
    const out = [device.pointer(indptr), ...entries.pointers];
    const args = [...pass.args, budget, key.k0, key.k1, capacity, ...out];
    device.run(kernels, "attentionForwardPriority", pass.blocks, args, {
      scratchBytes: scratchBytes(pass, candidateBytes(capacity, 3)),
    });
    return entries.with(indptr);
  });
}

/** The exact forward pass, and a second one over the scores that walks each row with its final weights. */
export function sampleSystematic(pass: Pass, { c, key }: SampleOptions): Drawn {
  const { device, problem } = pass;
  const rows = rowsOf(pass);
  device.run(kernels, "attentionForward", pass.blocks, pass.args, { scratchBytes: scratchBytes(pass) });
  // A row's probabilities sum to c or less, up to rounding; what is kept is that sum, rounded up or down.
  let slot = Math.min(problem.length, Math.ceil(c) + 2);
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    for (;;) {
      const done = borrow(device, slotBytes(pass, slot), (...slots) => {
        const args = [c, key.k0, key.k1, device.pointer(indptr), ...slotArgs(slots), slot];
        device.run(kernels, "attentionForwardSystematic", pass.blocks, [...pass.args, ...args], {
          scratchBytes: scratchBytes(pass),
        });
        const counts = device.view(indptr);
        const largest = largestOf(counts.subarray(0, rows));
        if (largest <= slot) return collect(pass, indptr, startsOf(counts), [...slotArgs(slots), slot]);
        slot = largest;
        return undefined;
      });
      if (done !== undefined) return done;
    }
  });
}

/** Bytes of the arrays of slots: of indices, of estimates and, for baselines, of factors. */
function slotBytes(pass: Pass, slot: number): number[] {
  return Array(pass.beta === undefined ? 2 : 3).fill(rowsOf(pass) * (slot + spare) * 4);
}

/** The kernels' three arguments for slots, 0 for an array that there is none of. */
function slotArgs([indices = 0, data = 0, factors = 0]: readonly number[]): [number, number, number] {
  return [indices, data, factors];
}

function largestOf(counts: Iterable<number>): number {
  let largest = 0;
  for (const count of counts) largest = Math.max(largest, count);
  return largest;
}

function rowsOf({ problem }: Pass): number {
  return problem.batch * problem.queryHeads * problem.length;
}

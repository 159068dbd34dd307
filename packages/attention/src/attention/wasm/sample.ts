import { Csr } from "@sus/sparse";
import { DeviceError, type Tensor } from "@sus/tensor";
import type { SampleOptions } from "../problem.ts";
import type { Pass } from "./forward.ts";
import { kernels } from "./kernels.ts";
import { allOrNothing, borrow } from "./memory.ts";
import { roundUp } from "./pack.ts";
import { candidateBytes, scratchBytes, spare } from "./scratch.ts";

/** A row's count where its candidates did not fit: `CROWDED` of assembly/forward/bernoulli.ts. */
const crowded = 0x7fffffff;

/**
 * The forward pass with a bernoulli sample. How many entries a row keeps is random: rows are written to slots of equal
 * size first, then moved together. Where a slot or a row's room for candidates was too small the pass is run again
 * with more, to the same result.
 */
export function sampleBernoulli(pass: Pass, { c, key }: SampleOptions): Csr {
  const { device, problem } = pass;
  const rows = rowsOf(pass);
  const most = roundUp(problem.length, 16);
  let slot = Math.min(problem.length, Math.ceil(c + 6 * Math.sqrt(c) + 8));
  let capacity = Math.min(most, roundUp(6 * c + 128, 16));
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    for (;;) {
      const done = borrow(device, slotBytes(rows, slot), (slotIndices, slotData) => {
        const args = [c, key.k0, key.k1, capacity, device.pointer(indptr), slotIndices, slotData, slot];
        device.run(kernels, "attentionForwardBernoulli", pass.blocks, [...pass.args, ...args], {
          scratchBytes: scratchBytes(pass, candidateBytes(capacity, 2)),
        });
        const counts = device.view(indptr);
        const largest = largestOf(counts.subarray(0, rows));
        if (largest === crowded) capacity = Math.min(most, 2 * capacity);
        else if (largest > slot) slot = largest;
        else return collect(pass, indptr, startsOf(counts), [slotIndices, slotData, slot]);
        return undefined;
      });
      if (done !== undefined) return done;
    }
  });
}

/** Moves the rows from their slots to where `indptr` says. */
function collect(pass: Pass, indptr: Tensor, nnz: number, slots: readonly number[]): Csr {
  const { device } = pass;
  return allOrNothing((own) => {
    const indices = own(device.empty([nnz], "u32"));
    const data = own(device.empty([nnz]));
    const args = [device.pointer(indptr), ...slots, device.pointer(indices), device.pointer(data)];
    device.run(kernels, "attentionForwardCollect", rowsOf(pass), args);
    return new Csr([rowsOf(pass), pass.problem.length], { indptr, indices, data });
  });
}

/** The forward pass with a priority sample, whose rows have known lengths. */
export function samplePriority(pass: Pass, { c, key }: SampleOptions): Csr {
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
    const indices = own(device.empty([nnz], "u32"));
    const data = own(device.empty([nnz]));
    const out = [indptr, indices, data].map((tensor) => device.pointer(tensor));
    const args = [...pass.args, budget, key.k0, key.k1, capacity, ...out];
    device.run(kernels, "attentionForwardPriority", pass.blocks, args, {
      scratchBytes: scratchBytes(pass, candidateBytes(capacity, 3)),
    });
    return new Csr([rowsOf(pass), length], { indptr, indices, data });
  });
}

/** The exact forward pass, and a second one over the scores that walks each row with its final weights. */
export function sampleSystematic(pass: Pass, { c, key }: SampleOptions): Csr {
  const { device, problem } = pass;
  const rows = rowsOf(pass);
  device.run(kernels, "attentionForward", pass.blocks, pass.args, { scratchBytes: scratchBytes(pass) });
  // A row's probabilities sum to c or less, up to rounding; what is kept is that sum, rounded up or down.
  let slot = Math.min(problem.length, Math.ceil(c) + 2);
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    for (;;) {
      const done = borrow(device, slotBytes(rows, slot), (slotIndices, slotData) => {
        const args = [c, key.k0, key.k1, device.pointer(indptr), slotIndices, slotData, slot];
        device.run(kernels, "attentionForwardSystematic", pass.blocks, [...pass.args, ...args], {
          scratchBytes: scratchBytes(pass),
        });
        const counts = device.view(indptr);
        const largest = largestOf(counts.subarray(0, rows));
        if (largest <= slot) return collect(pass, indptr, startsOf(counts), [slotIndices, slotData, slot]);
        slot = largest;
        return undefined;
      });
      if (done !== undefined) return done;
    }
  });
}

/** Bytes of two arrays of slots. */
function slotBytes(rows: number, slot: number): [number, number] {
  const bytes = rows * (slot + spare) * 4;
  return [bytes, bytes];
}

function largestOf(counts: Iterable<number>): number {
  let largest = 0;
  for (const count of counts) largest = Math.max(largest, count);
  return largest;
}

function rowsOf({ problem }: Pass): number {
  return problem.batch * problem.queryHeads * problem.length;
}

/** Turns counts, all but the last of which count, into where each row starts, in place; returns their sum. */
function startsOf(counts: ArrayLike<number> & { [row: number]: number }): number {
  let sum = 0;
  for (let row = 0; row < counts.length; row++) {
    const count = counts[row]!;
    counts[row] = sum;
    if (row < counts.length - 1) sum += count;
  }
  if (sum >= 2 ** 31)
    throw new DeviceError(`attentionForward: expected fewer than 2^31 kept weights, got ${sum}`);
  return sum;
}

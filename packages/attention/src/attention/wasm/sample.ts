import { Csr } from "@sus/sparse";
import { allOrNothing, type Tensor, type TypedArray } from "@sus/tensor";
import type { HeadSample } from "../budgets.ts";
import type { Baseline } from "../problem.ts";
import type { Pass } from "./forward.ts";
import { kernels } from "./kernels.ts";
import { borrow } from "./memory.ts";
import { roundUp } from "./pack.ts";
import { borrowPlans, type HeadPlan, largestCapacity, plansOf, slotEntries } from "./plans.ts";
import { candidateBytes, scratchBytes } from "./scratch.ts";
import { startsOf } from "./starts.ts";

/** A row's count where its candidates did not fit: `CROWDED` of assembly/forward/bernoulli.ts. */
const crowded = 0x7fffffff;

/** A sample, and what its baselines need. */
export interface Drawn {
  readonly sample: Csr;
  readonly baseline?: Baseline;
}

/**
 * The forward pass with a bernoulli sample. How many entries a row keeps is random: rows are written to slots first, of
 * equal size within a head, then moved together. Where a slot or a row's room for candidates was too small the pass is run
 * again with more in that head, to the same result.
 */
export function sampleBernoulli(pass: Pass, { budgets, key }: HeadSample): Drawn {
  const { device, problem } = pass;
  const most = roundUp(problem.length, 16);
  const plans = plansOf(problem, budgets, (c) => ({
    capacity: Math.min(most, roundUp(6 * c + 128, 16)),
    slot: Math.min(problem.length, Math.ceil(c + 6 * Math.sqrt(c) + 8)),
  }));
  return inSlots(pass, plans, (pointer, indptr, slots) => {
    const args = [pointer, key.k0, key.k1, device.pointer(indptr), ...slots];
    device.run(kernels, "attentionForwardBernoulli", pass.blocks, [...pass.args, ...args], {
      scratchBytes: scratchBytes(pass, candidateBytes(largestCapacity(plans), 2)),
    });
  });
}

/**
 * Runs `fill`, which leaves counts in `indptr` and entries in slots, until they fit; then moves the entries together. What
 * does not fit makes its head's plan larger.
 */
function inSlots(
  pass: Pass,
  plans: readonly HeadPlan[],
  fill: (plans: number, indptr: Tensor, slots: readonly [number, number, number]) => void,
): Drawn {
  const { device, problem } = pass;
  return allOrNothing((own) => {
    const indptr = own(device.empty([rowsOf(pass) + 1], "u32"));
    for (;;) {
      const done = borrowPlans(device, problem, plans, (pointer) =>
        borrow(device, slotBytes(pass, plans), (...borrowed) => {
          const slots = slotArgs(borrowed);
          fill(pointer, indptr, slots);
          const counts = device.view(indptr);
          if (!enlarge(plans, counts, problem.length)) return undefined;
          return collect(pass, indptr, startsOf(counts), [...slots, pointer]);
        }),
      );
      if (done !== undefined) return done;
    }
  });
}

/** Makes the plans of heads larger that had too little room; returns whether all had enough. */
function enlarge(plans: readonly HeadPlan[], counts: TypedArray, length: number): boolean {
  let enough = true;
  for (const [head, plan] of plans.entries()) {
    const largest = largestOf(counts.subarray(head * length, (head + 1) * length));
    if (largest <= plan.slot) continue;
    enough = false;
    if (largest === crowded) plan.capacity = Math.min(roundUp(length, 16), 2 * plan.capacity);
    else plan.slot = largest;
  }
  return enough;
}

/** Moves the rows from their slots, whose addresses are followed by that of the plans, to where `indptr` says. */
function collect(pass: Pass, indptr: Tensor, nnz: number, slots: readonly number[]): Drawn {
  return allOrNothing((own) => {
    const entries = entriesOf(pass, nnz, own);
    const args = [pass.device.pointer(indptr), ...slots, pass.problem.length, ...entries.pointers];
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
export function samplePriority(pass: Pass, { budgets, key }: HeadSample): Drawn {
  const { device, problem, causal } = pass;
  const { length } = problem;
  const kept = budgets.map((c) => Math.min(c, length));
  const plans = plansOf(problem, kept, (c) => ({ capacity: roundUp(c + 1, 4) + 96, slot: 0 }));
  return allOrNothing((own) => {
    const indptr = own(device.empty([rowsOf(pass) + 1], "u32"));
    const counts = device.view(indptr);
    for (let row = 0; row < counts.length - 1; row++) {
      const { budget } = plans[Math.floor(row / length)]!;
      counts[row] = Math.min(budget, causal ? (row % length) + 1 : length);
    }
    const nnz = startsOf(counts);
    const entries = entriesOf(pass, nnz, own);
    const out = [device.pointer(indptr), ...entries.pointers];
    borrowPlans(device, problem, plans, (pointer) => {
      const args = [...pass.args, pointer, key.k0, key.k1, ...out];
      device.run(kernels, "attentionForwardPriority", pass.blocks, args, {
        scratchBytes: scratchBytes(pass, candidateBytes(largestCapacity(plans), 3)),
      });
    });
    return entries.with(indptr);
  });
}

/** The exact forward pass, and a second one over the scores that walks each row with its final weights. */
export function sampleSystematic(pass: Pass, { budgets, key }: HeadSample): Drawn {
  const { device, problem } = pass;
  device.run(kernels, "attentionForward", pass.blocks, pass.args, { scratchBytes: scratchBytes(pass) });
  // A row's probabilities sum to c or less, up to rounding; what is kept is that sum, rounded up or down.
  const plans = plansOf(problem, budgets, (c) => ({
    capacity: 0,
    slot: Math.min(problem.length, Math.ceil(c) + 2),
  }));
  return inSlots(pass, plans, (pointer, indptr, slots) => {
    const args = [pointer, key.k0, key.k1, device.pointer(indptr), ...slots];
    device.run(kernels, "attentionForwardSystematic", pass.blocks, [...pass.args, ...args], {
      scratchBytes: scratchBytes(pass),
    });
  });
}

/** Bytes of the arrays of slots: of indices, of estimates and, for baselines, of factors. */
function slotBytes(pass: Pass, plans: readonly HeadPlan[]): number[] {
  return Array(pass.beta === undefined ? 2 : 3).fill(slotEntries(pass.problem, plans) * 4);
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

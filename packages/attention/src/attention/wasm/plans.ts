import type { WasmDevice } from "@sus/tensor";
import type { Problem } from "../problem.ts";
import { borrow } from "./memory.ts";
import { spare } from "./scratch.ts";

/** Bytes of a head's plan: `PLAN` of assembly/forward/plan.ts. */
const planBytes = 16;

/** What the kernels have to know of a head's sample: of each query head of each batch. */
export interface HeadPlan {
  /** 0 where nothing is to be drawn. */
  readonly budget: number;
  /** Candidates of a row that there is room for. */
  capacity: number;
  /** Entries of a row that there is room for in its slot, where rows have slots. */
  slot: number;
}

/** A plan for each query head of each batch, the same for all batches. */
export function plansOf(
  { batch, queryHeads }: Problem,
  budgets: readonly number[],
  roomFor: (budget: number) => { readonly capacity: number; readonly slot: number },
): HeadPlan[] {
  return Array.from({ length: batch * queryHeads }, (_, head) => {
    const budget = budgets[head % queryHeads]!;
    return budget === 0 ? { budget, capacity: 0, slot: 0 } : { budget, ...roomFor(budget) };
  });
}

/** Runs `use` with the plans in the device's memory. */
export function borrowPlans<R>(
  device: WasmDevice,
  { length }: Problem,
  plans: readonly HeadPlan[],
  use: (pointer: number) => R,
): R {
  return borrow(device, [plans.length * planBytes], (pointer) => {
    const words = device.viewAt("u32", pointer, plans.length * 4);
    const floats = device.viewAt("f32", pointer, plans.length * 4);
    let start = 0;
    for (const [head, { budget, capacity, slot }] of plans.entries()) {
      floats[4 * head] = budget;
      words.set([capacity, slot, start], 4 * head + 1);
      start += length * (slot + spare);
    }
    return use(pointer);
  });
}

/** Entries of the slots of all rows, those that are spare with them. */
export function slotEntries({ length }: Problem, plans: readonly HeadPlan[]): number {
  return plans.reduce((sum, { slot }) => sum + length * (slot + spare), 0);
}

/** The most that a row of any head has room for. */
export function largestCapacity(plans: readonly HeadPlan[]): number {
  return plans.reduce((most, { capacity }) => Math.max(most, capacity), 0);
}

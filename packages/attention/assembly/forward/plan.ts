import { State } from "./state";

// What a call samples may differ from head to head. A head's plan has 16 bytes: its budget, 0 where nothing is to be drawn;
// the room for a row's candidates; the room of a row's slot; and, in entries, where the slots of the head's rows start.

// @ts-ignore: decorator
@inline
const PLAN: i32 = 16;
// @ts-ignore: decorator
@inline
const CAPACITY: usize = 4;
// @ts-ignore: decorator
@inline
const SLOT_SIZE: usize = 8;
// @ts-ignore: decorator
@inline
const SLOT_START: usize = 12;

/** Makes the plan of a head that of the state. */
export function followPlan(state: State, head: i32): void {
  const plan = state.plans + head * PLAN;
  state.budget = load<f32>(plan);
  state.capacity = load<i32>(plan, CAPACITY);
  state.slotSize = load<i32>(plan, SLOT_SIZE);
  state.slots = slotOf(state.plans, head, 0);
}

/** Where the slot of row i of a head starts, in bytes. Four places of each slot are spare. */
// @ts-ignore: decorator
@inline
export function slotOf(plans: usize, head: i32, i: i32): usize {
  const plan = plans + head * PLAN;
  const row = (i as usize) * ((load<i32>(plan, SLOT_SIZE) + 4) as usize);
  return ((load<u32>(plan, SLOT_START) as usize) + row) << 2;
}

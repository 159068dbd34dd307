/** Steps that are worth waking a thread for. */
const worthwhile = 4096;

/** The least number of items that is worth a thread's while when each takes `steps` steps. */
export function grainFor(steps: number): number {
  return Math.ceil(worthwhile / Math.max(1, steps));
}

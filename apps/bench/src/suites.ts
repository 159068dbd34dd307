import type { Suite } from "@sus/bench-harness";

/** Every suite of `npm run bench`, in the order in which they run. */
export const suites: readonly Suite[] = [];

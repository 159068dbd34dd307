import type { Suite } from "@sus/bench-harness";
import { suite as sparse } from "../../../packages/sparse/src/sparse.bench.ts";

/** Every suite of `npm run bench`, in the order in which they run. */
export const suites: readonly Suite[] = [sparse];

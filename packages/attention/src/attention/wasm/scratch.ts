import type { Pass } from "./forward.ts";
import { panel, roundUp } from "./pack.ts";

/** Bytes of the state and its constants: `STATE_BYTES` and `CONSTANT_BYTES` of assembly/forward. */
const stateBytes = 1152;
/** Bytes of the scores of a tile of rows against a chunk of keys: `SCORE_TILE` of assembly/lib/layout.ts. */
const scoreTileBytes = 6 * (512 + 16) * 4;

/** What a thread of a forward kernel needs for itself: `layOut` of assembly/forward/state.ts adds up the same. */
export function scratchBytes({ problem, blockRows }: Pass, candidateBytes = 0): number {
  const { depth } = problem;
  const row = (roundUp(depth, panel) + depth + 5) * 4 + 8 + candidateBytes;
  return stateBytes + 2 * scoreTileBytes + blockRows * row + 64;
}

/** Bytes of a row's candidates, `words` arrays of them: `candidateRow` of assembly/forward/state.ts. */
export function candidateBytes(capacity: number, words: number): number {
  return (capacity + spare) * words * 4 + 64;
}

/** Places behind a row's slot, or before its candidates, for what is done four at a time. */
export const spare = 4;

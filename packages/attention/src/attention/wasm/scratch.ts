import type { Pass } from "./forward.ts";
import { panel, roundUp } from "./pack.ts";

/** Bytes of the state and its constants: `STATE_BYTES` of assembly/forward/state.ts. */
const stateBytes = 512;
/** Bytes of the scores of a tile of rows against a chunk of keys: `SCORE_TILE` of assembly/lib/layout.ts. */
const scoreTileBytes = 6 * (512 + 16) * 4;

/** What a thread of a forward kernel needs for itself: `layOut` of assembly/forward/state.ts adds up the same. */
export function scratchBytes({ problem, blockRows }: Pass, candidateWords = 0): number {
  const { depth } = problem;
  const row = (roundUp(depth, panel) + depth + 4) * 4 + 8 + candidateWords * 4 + 64;
  return stateBytes + 2 * scoreTileBytes + blockRows * row + 128;
}

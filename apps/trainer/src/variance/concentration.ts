import type { AttentionInputs } from "../model/attention-layers.ts";

/** How a head spreads its attention, averaged over some rows. */
export interface Concentration {
  readonly layer: number;
  readonly head: number;
  /** Mean of 1/ΣW²: so many keys of equal weight would be as concentrated. */
  readonly effectiveKeys: number;
  /** Mean of −Σ W ln W, in nats. */
  readonly entropy: number;
}

type QueriesAndKeys = Pick<AttentionInputs, "query" | "key">;

/**
 * The concentration of every head in a layer of causal attention, from the exact weights of `count` rows that are spread
 * evenly over each sequence, the last one among them: O(count·n·d) a head, in float64.
 */
export async function concentrationOf(
  inputs: QueriesAndKeys,
  layer: number,
  count: number,
): Promise<Concentration[]> {
  const heads = await exactWeights(inputs, evenlySpread(inputs.query.shape[1]!, count));
  return heads.map((rows, head) => {
    let [effectiveKeys, entropy] = [0, 0];
    for (const weights of rows) {
      effectiveKeys += 1 / weights.reduce((sum, w) => sum + w * w, 0);
      entropy -= weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
    }
    return { layer, head, effectiveKeys: effectiveKeys / rows.length, entropy: entropy / rows.length };
  });
}

/** The weights of these rows of each sequence, in float64, by head. */
export async function exactWeights(
  { query, key }: QueriesAndKeys,
  rows: readonly number[],
): Promise<Float64Array[][]> {
  const [batch, length, heads, depth] = query.shape as [number, number, number, number];
  const keyHeads = key.shape[2]!;
  const [q, k] = [await query.read(), await key.read()];
  return Array.from({ length: heads }, (_, head) => {
    const keyHead = Math.floor((head * keyHeads) / heads);
    return Array.from({ length: batch }, (__, b) => b).flatMap((b) =>
      rows.map((i) => {
        const queryAt = ((b * length + i) * heads + head) * depth;
        const keyAt = (j: number) => ((b * length + j) * keyHeads + keyHead) * depth;
        const scoreOf = (___: unknown, j: number) => dot(q, queryAt, k, keyAt(j), depth) / Math.sqrt(depth);
        return softmax(Float64Array.from({ length: i + 1 }, scoreOf));
      }),
    );
  });
}

/** The middles of `count` equal stretches of a sequence, or all positions: a mean over them is one over the sequence. */
export function middles(length: number, count: number): number[] {
  const chosen = Math.min(length, count);
  return Array.from({ length: chosen }, (_, i) => Math.floor(((i + 0.5) * length) / chosen));
}

/** `count` positions of a sequence, or all, that end with the last one. */
export function evenlySpread(length: number, count: number): number[] {
  const chosen = Math.min(length, count);
  return Array.from({ length: chosen }, (_, i) => Math.floor(((i + 1) * length) / chosen) - 1);
}

function softmax(scores: Float64Array): Float64Array {
  const peak = scores.reduce((a, b) => Math.max(a, b));
  const weights = scores.map((score) => Math.exp(score - peak));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

function dot(a: ArrayLike<number>, atA: number, b: ArrayLike<number>, atB: number, depth: number): number {
  let sum = 0;
  for (let t = 0; t < depth; t++) sum += a[atA + t]! * b[atB + t]!;
  return sum;
}

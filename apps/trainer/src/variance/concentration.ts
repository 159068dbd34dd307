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

/**
 * The concentration of every head in a layer of causal attention, from the exact weights of `count` rows that are spread
 * evenly over each sequence, the last one among them: O(count·n·d) a head, in float64.
 */
export async function concentrationOf(
  { query, key }: Pick<AttentionInputs, "query" | "key">,
  layer: number,
  count: number,
): Promise<Concentration[]> {
  const [batch, length, heads, depth] = query.shape as [number, number, number, number];
  const keyHeads = key.shape[2]!;
  const [q, k] = [await query.read(), await key.read()];
  const rows = evenlySpread(length, count);
  return Array.from({ length: heads }, (_, head) => {
    const keyHead = Math.floor((head * keyHeads) / heads);
    let [effectiveKeys, entropy] = [0, 0];
    for (let b = 0; b < batch; b++) {
      for (const i of rows) {
        const queryAt = ((b * length + i) * heads + head) * depth;
        const keyAt = (j: number) => ((b * length + j) * keyHeads + keyHead) * depth;
        const weights = softmax(
          Float64Array.from(
            { length: i + 1 },
            (_, j) => dot(q, queryAt, k, keyAt(j), depth) / Math.sqrt(depth),
          ),
        );
        effectiveKeys += 1 / weights.reduce((sum, w) => sum + w * w, 0);
        entropy -= weights.reduce((sum, w) => sum + (w > 0 ? w * Math.log(w) : 0), 0);
      }
    }
    const total = batch * rows.length;
    return { layer, head, effectiveKeys: effectiveKeys / total, entropy: entropy / total };
  });
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

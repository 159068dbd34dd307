/** How the next token is drawn. */
export interface PickOptions {
  /** Divides the logits: 1 is the model's own distribution, towards 0 the likeliest token, above 1 wilder. */
  readonly temperature: number;
  /** Only the so many likeliest tokens are candidates. */
  readonly topK: number;
}

/**
 * Draws a token with probability ∝ exp(logit / temperature) among the `topK` largest logits; with temperature 0 the
 * largest. Ties go to the smaller token.
 *
 * @param uniform in (0, 1].
 */
export function pick(logits: Float32Array, { temperature, topK }: PickOptions, uniform: number): number {
  const candidates = Array.from(logits.keys())
    .sort((a, b) => logits[b]! - logits[a]! || a - b)
    .slice(0, topK);
  const best = candidates[0]!;
  if (temperature === 0) return best;
  const weights = candidates.map((token) => Math.exp((logits[token]! - logits[best]!) / temperature));
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, token] of candidates.entries()) {
    left -= weights[index]!;
    if (left <= 0) return token;
  }
  return best;
}

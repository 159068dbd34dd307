import { float64, type Round } from "../precision.ts";

export interface CrossEntropyReference {
  readonly loss: number;
  readonly gradient: Float64Array;
}

/**
 * `loss = average over t of ln Σ_v e^{logits[t, v]} − logits[t, targets[t]]` and
 * `gradient[t] = (softmax(logits[t]) − onehot(targets[t])) / rows`.
 */
export function softmaxCrossEntropyReference(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  round: Round = float64,
): CrossEntropyReference {
  const rows = targets.length;
  const vocabulary = logits.length / rows;
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (let t = 0; t < rows; t++) {
    const row = Array.from({ length: vocabulary }, (_, v) => logits[t * vocabulary + v]!);
    const top = Math.max(...row);
    const exponentials = row.map((x) => round(Math.exp(round(x - top))));
    const sum = exponentials.reduce((total, e) => round(total + e), 0);
    loss = round(loss + round(round(round(Math.log(sum)) + top) - row[targets[t]!]!));
    for (let v = 0; v < vocabulary; v++) {
      const probability = round(exponentials[v]! / sum);
      gradient[t * vocabulary + v] = round(round(probability - (v === targets[t] ? 1 : 0)) / rows);
    }
  }
  return { loss: round(loss / rows), gradient };
}

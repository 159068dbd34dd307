import { float64, type Round } from "../precision.ts";
import type { AdamwOptions } from "./index.ts";

export interface AdamwArrays {
  readonly parameter: Float64Array;
  readonly gradient: ArrayLike<number>;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

/**
 * In place: `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
 * `p ← p − η · (m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε) + λ p)`.
 */
export function adamwReference(
  { parameter, gradient, m, v }: AdamwArrays,
  { step, learningRate, beta1, beta2, epsilon, weightDecay }: Required<AdamwOptions>,
  round: Round = float64,
): void {
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i]!;
    m[i] = round(round(beta1 * m[i]!) + round((1 - beta1) * g));
    v[i] = round(round(beta2 * v[i]!) + round((1 - beta2) * round(g * g)));
    const mean = round(m[i]! / (1 - beta1 ** step));
    const root = round(Math.sqrt(round(v[i]! / (1 - beta2 ** step))));
    const direction = round(round(mean / round(root + epsilon)) + round(weightDecay * parameter[i]!));
    parameter[i] = round(parameter[i]! - round(learningRate * direction));
  }
}

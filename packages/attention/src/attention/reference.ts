type Numbers = ArrayLike<number>;

/** The arithmetic to work in, applied to every result: none for the specification, `Math.fround` for plain float32. */
export type Round = (value: number) => number;

export interface ReferenceProblem {
  /** [b, n, hq, d], [b, n, hkv, d] and [b, n, hkv, d]. */
  readonly q: Numbers;
  readonly k: Numbers;
  readonly v: Numbers;
  readonly batch: number;
  readonly length: number;
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly depth: number;
  readonly causal: boolean;
  readonly scale: number;
}

export interface ReferenceForward {
  /** [b, n, hq, d]. */
  readonly out: Float64Array;
  /** [b, hq, n]. */
  readonly lse: Float64Array;
  /** W, [b·hq·n, n]: the array that attention proper never holds. */
  readonly weights: Float64Array;
}

/** Attention as it is written down: `S = scale · Q Kᵀ`, `W = softmax(S)`, `O = W V`. O(n²) memory. */
export function forwardReference(problem: ReferenceProblem, round: Round = exactly): ReferenceForward {
  const { q, k, v, length, depth, causal, scale } = problem;
  const out = new Float64Array(q.length);
  const lse = new Float64Array(q.length / depth);
  const weights = new Float64Array(lse.length * length);
  for (const { row, i, query, keyOf } of rowsOf(problem)) {
    const seen = causal ? i + 1 : length;
    const scores = Array.from({ length: seen }, (_, j) =>
      round(dot(q, query, k, keyOf(j), depth, round) * scale),
    );
    const peak = scores.reduce((a, b) => Math.max(a, b), -Infinity);
    let total = 0;
    for (const score of scores) if (score > -Infinity) total = round(total + round(Math.exp(score - peak)));
    lse[row] = total === 0 ? -Infinity : round(peak + round(Math.log(total)));
    for (let j = 0; j < seen; j++) {
      if (scores[j] === -Infinity) continue;
      const weight = round(round(Math.exp(scores[j]! - peak)) / total);
      weights[row * length + j] = weight;
      for (let t = 0; t < depth; t++) {
        out[query + t] = round(out[query + t]! + round(weight * v[keyOf(j) + t]!));
      }
    }
  }
  return { out, lse, weights };
}

export interface ReferenceEstimate {
  readonly out: Numbers;
  /** W or any estimate Ŵ of it, dense [b·hq·n, n]. */
  readonly weights: Numbers;
  /** β, one a row, and 1/q, dense like `weights` and 0 where that is. */
  readonly baseline?: {
    readonly beta: Numbers;
    readonly factors: Numbers;
    /** How many keys of a row, from the first on, have it in dQ and dK too. Default: none. */
    readonly covered?: (row: number, i: number) => number;
  };
}

/**
 * The gradients, linear in `weights`:
 *
 *     D_i = dO_i · O_i     dS_ij = Ŵ_ij (dO_i · V_j − D_i)     dQ = scale · dS K     dK = scale · dSᵀ Q     dV = Ŵᵀ dO
 *
 * With a baseline `dV_j = Σ_i (β_i + Ŵ_ij − β_i/q_ij) dO_i`, the first β_i for all that i sees, the other for the kept, and
 * for the keys that are `covered` Ŵ_ij makes way for the same sum in dS_ij.
 */
export function backwardReference(
  problem: ReferenceProblem,
  { out, weights, baseline }: ReferenceEstimate,
  dOut: Numbers,
  round: Round = exactly,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array } {
  const { q, k, v, length, depth, causal, scale } = problem;
  const dq = new Float64Array(q.length);
  const dk = new Float64Array(k.length);
  const dv = new Float64Array(v.length);
  for (const { row, i, query, keyOf } of rowsOf(problem)) {
    const beta = baseline?.beta[row] ?? 0;
    const delta = dot(dOut, query, out, query, depth, round);
    const covered = beta === 0 ? 0 : (baseline?.covered?.(row, i) ?? 0);
    for (let j = 0; j < (causal ? i + 1 : length); j++) {
      const weight = weights[row * length + j]!;
      const key = keyOf(j);
      for (let t = 0; beta !== 0 && t < depth; t++) {
        dv[key + t] = round(dv[key + t]! + round(beta * dOut[query + t]!));
      }
      if (weight === 0 && j >= covered) continue;
      const above = round(weight - round(beta * (baseline?.factors[row * length + j] ?? 0)));
      const ds = round(
        (j < covered ? round(beta + above) : weight) * round(dot(dOut, query, v, key, depth, round) - delta),
      );
      const scaled = round(scale * ds);
      for (let t = 0; t < depth; t++) {
        dq[query + t] = round(dq[query + t]! + round(scaled * k[key + t]!));
        dk[key + t] = round(dk[key + t]! + round(scaled * q[query + t]!));
        dv[key + t] = round(dv[key + t]! + round(above * dOut[query + t]!));
      }
    }
  }
  return { dq, dk, dv };
}

/** Every row of W: its number, its position, where its query starts, and where the key of position j starts. */
function* rowsOf({ batch, length, queryHeads, keyHeads, depth }: ReferenceProblem) {
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < queryHeads; head++) {
      const keyHead = Math.floor((head * keyHeads) / queryHeads);
      for (let i = 0; i < length; i++) {
        yield {
          row: (b * queryHeads + head) * length + i,
          i,
          query: ((b * length + i) * queryHeads + head) * depth,
          keyOf: (j: number) => ((b * length + j) * keyHeads + keyHead) * depth,
        };
      }
    }
  }
}

function dot(a: Numbers, atA: number, b: Numbers, atB: number, depth: number, round: Round): number {
  let sum = 0;
  for (let t = 0; t < depth; t++) sum = round(sum + round(a[atA + t]! * b[atB + t]!));
  return sum;
}

function exactly(value: number): number {
  return value;
}

import { interleave } from "@sus/bench-harness";
import { fold, independent, key, type Random } from "@sus/graph";
import { naturalVariance, relativeVariance } from "@sus/graph/testing";

type Numbers = ArrayLike<number>;

/** A worked graph of the guide, at the state in which it is measured. */
export interface Worked extends Disposable {
  readonly name: string;
  /** The budget of the cut that `sampled` and `kept` belong to, in the graph's own unit. */
  readonly budget: number;
  /** The share of the backward pass that a sampled one keeps, on average: points, steps, messages or pairs. */
  readonly kept: number;
  /** One forward pass over that batch. */
  forward(): void;
  /** One backward pass over the batch that is measured; exact without `random`. */
  pullBack(random?: Random): void;
  /** What `pullBack` finds, for all parameters. */
  gradient(random?: Random): Numbers | Promise<Numbers>;
  /** The exact gradient of another batch. */
  gradientOfBatch(index: number): Numbers | Promise<Numbers>;
}

export interface Measured {
  /** Milliseconds of a forward, an exact and a sampled backward pass, medians of interleaved runs. */
  readonly forward: number;
  readonly exact: number;
  readonly sampled: number;
  /** E‖ĝ − g‖² over the variance of g between batches. */
  readonly relativeVariance: number;
  readonly kept: number;
}

/** Measures time and variance of one sampled backward pass. */
export async function measure(worked: Worked, quick: boolean): Promise<Measured> {
  const batches: Numbers[] = [];
  for (let i = 0; i < (quick ? 6 : 24); i++) batches.push(await worked.gradientOfBatch(i));
  const exact = await worked.gradient();
  const estimates: Numbers[] = [];
  for (let draw = 0; draw < (quick ? 8 : 48); draw++) {
    estimates.push(await worked.gradient(independent(fold(key(7), draw))));
  }
  let draws = 0;
  const times = await interleave(
    {
      forward: () => worked.forward(),
      exact: () => worked.pullBack(),
      sampled: () => worked.pullBack(independent(fold(key(8), draws++))),
    },
    { rounds: quick ? 7 : 41 },
  );
  const { value } = relativeVariance(estimates, exact, naturalVariance(batches));
  return { ...times, relativeVariance: value, kept: worked.kept };
}

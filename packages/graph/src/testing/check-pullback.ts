import { backward } from "../backward.ts";
import { GraphError } from "../errors.ts";
import { leaf, type Node, type VectorSpace } from "../node.ts";
import { independentBits, key, toUniform } from "../random/uniform.ts";
import { float64, numbers } from "../spaces.ts";

export interface CheckOptions {
  /** The largest accepted error, relative to the largest derivative of the input (at least 1). Default 1e-6. */
  readonly tolerance?: number;
  /** The step of the differences, relative to the coordinate (at least 1). Default ∛ε ≈ 6e-6. */
  readonly step?: number;
}

/**
 * Compares the gradient that `backward` finds with central finite differences in double precision.
 *
 * `build` makes a graph from leaves; what is differentiated is the product of its output with a fixed vector of
 * numbers in (−1, 1), so that no output coordinate goes unseen. Builds the graph 2n + 1 times for n coordinates.
 *
 * @returns the largest error, in units of the tolerance: at most 1.
 * @throws GraphError where the two differ by more than the tolerance, naming the input and the coordinate.
 */
export function checkPullback(
  build: (...leaves: Node<number>[]) => Node<number>,
  values: readonly number[],
  options?: CheckOptions,
): number;
export function checkPullback(
  build: (...leaves: Node<Float64Array>[]) => Node<Float64Array>,
  values: readonly Float64Array[],
  options?: CheckOptions,
): number;
export function checkPullback(
  build: (...leaves: Node<number | Float64Array>[]) => Node<number | Float64Array>,
  values: readonly (number | Float64Array)[],
  options?: CheckOptions,
): number;
export function checkPullback<V extends number | Float64Array>(
  build: (...leaves: Node<V>[]) => Node<V>,
  values: readonly V[],
  { tolerance = 1e-6, step = Number.EPSILON ** (1 / 3) }: CheckOptions = {},
): number {
  const leaves = values.map((value) => leaf(value));
  const output = build(...leaves);
  const seed = weightsFor(output.value);
  const gradients = backward(output, seed, { space: mixed as VectorSpace<V> });

  let worst = 0;
  leaves.forEach((input, which) => {
    const moved = (value: Float64Array) => {
      const changed = values.map((v, i) => leaf(i === which ? like(v, value) : v));
      return dot(seed, build(...changed).value);
    };
    const wanted = finiteDifferences(moved, entries(input.value), step);
    const gradient = gradients.get(input);
    const scale = wanted.reduce((largest, d) => Math.max(largest, Math.abs(d)), 1);
    wanted.forEach((derivative, i) => {
      const found = gradient === undefined ? 0 : entries(gradient)[i]!;
      const error = Math.abs(found - derivative) / (tolerance * scale);
      if (!(error <= 1)) {
        throw new GraphError(
          `checkPullback: input ${which}, coordinate ${i}: expected a derivative of ${derivative}, got ${found}`,
        );
      }
      worst = Math.max(worst, error);
    });
  });
  return worst;
}

/** The gradient of `f` at `x` by central differences; error of the order step² and ε/step. */
export function finiteDifferences(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  step: number = Number.EPSILON ** (1 / 3),
): Float64Array {
  return Float64Array.from(x, (center, i) => {
    const h = step * Math.max(1, Math.abs(center));
    const [above, below] = [Float64Array.from(x), Float64Array.from(x)];
    above[i] = center + h;
    below[i] = center - h;
    return (f(above) - f(below)) / (above[i] - below[i]);
  });
}

/** Numbers and vectors in one graph, as a loss of vectors has them. */
const mixed: VectorSpace<number | Float64Array> = {
  add: (a, b) =>
    typeof a === "number" || typeof b === "number"
      ? numbers.add(a as number, b as number)
      : float64.add(a, b),
  scale: (v, factor) => (typeof v === "number" ? numbers.scale(v, factor) : float64.scale(v, factor)),
  fits: (cotangent, value) =>
    typeof cotangent === typeof value && entries(cotangent).length === entries(value).length,
};

function entries(value: number | Float64Array): Float64Array {
  return typeof value === "number" ? Float64Array.of(value) : value;
}

function like<V extends number | Float64Array>(value: V, numbers: Float64Array): V {
  return (typeof value === "number" ? numbers[0]! : numbers) as V;
}

function weightsFor<V extends number | Float64Array>(value: V): V {
  return like(
    value,
    entries(value).map((_, i) => 2 * toUniform(independentBits(key(0), i)) - 1),
  );
}

function dot(a: number | Float64Array, b: number | Float64Array): number {
  const right = entries(b);
  return entries(a).reduce((sum, x, i) => sum + x * right[i]!, 0);
}

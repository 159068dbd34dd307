import { backward, bernoulli, independent, key, leaf, numbers } from "@sus/graph";

/** y = 2x + x, the edge of the first term kept with probability 1/2: the mean of the draws is the exact 3. */
export async function run() {
  const x = leaf(3);
  const edge = (label, factor) => ({ label, parents: [x], pullback: (cotangent) => [factor * cotangent] });
  const y = { value: 9, edges: [edge("double", 2), edge("single", 1)] };
  const cut = ({ label }) => (label === "double" ? bernoulli(0.5) : undefined);
  const draw = (seed) => backward(y, 1, { space: numbers, cut, random: independent(key(seed)) }).get(x);
  const draws = Array.from({ length: 1000 }, (_, seed) => draw(seed));
  const mean = draws.reduce((sum, value) => sum + value) / draws.length;
  return { exact: backward(y, 1, { space: numbers }).get(x), unbiased: Math.abs(mean - 3) < 0.4 };
}

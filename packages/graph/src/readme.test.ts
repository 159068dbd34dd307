import { expect, test } from "vitest";
import { backward, bernoulli, independent, key, leaf, numbers, operation, type Random } from "./index.ts";
import { expectation } from "./testing/index.ts";

test("the numbers in the README", () => {
  const x = leaf(3);
  const cube = operation("cube", x.value ** 3, [x], (g) => [3 * x.value ** 2 * g]);
  const sum = operation("sum", cube.value + x.value, [cube, x], (g) => [g, g]);
  expect(backward(sum, 1, { space: numbers }).get(x)).toBe(28);

  const sampled = new Set<number | undefined>();
  for (let seed = 0; seed < 100; seed++) {
    const gradients = backward(sum, 1, {
      space: numbers,
      random: independent(key(seed)),
      cut: (edge) => (edge.label === "cube" ? bernoulli(0.25) : undefined),
    });
    sampled.add(gradients.get(x));
  }
  expect(sampled).toEqual(new Set([1, 109]));

  const estimate = (random: Random) =>
    backward(sum, 1, { space: numbers, random, cut: () => bernoulli(0.3) }).get(x) ?? 0;
  expect(expectation(estimate, numbers)).toBeCloseTo(28, 12);
});

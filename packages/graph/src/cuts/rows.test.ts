import { describe, expect, test } from "vitest";
import { type BackwardOptions, backward } from "../backward.ts";
import { designs } from "../designs/index.ts";
import { type Edge, leaf, type Node, operation } from "../node.ts";
import { independent, type Random } from "../random/random.ts";
import { fold, key } from "../random/uniform.ts";
import { float64 } from "../spaces.ts";
import { expectation } from "../testing/outcomes.ts";
import { zScores } from "../testing/statistics.ts";
import { type RowSpace, rows } from "./rows.ts";

/** A matrix that holds some of its rows; all others are zero. */
interface Matrix {
  readonly shape: readonly [height: number, width: number];
  readonly held: readonly number[];
  readonly data: readonly (readonly number[])[];
}

function matrix(data: number[][]): Matrix {
  return { shape: [data.length, data[0]!.length], held: data.map((_, i) => i), data };
}

function dense({ shape: [height, width], held, data }: Matrix): number[][] {
  const all = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  held.forEach((i, k) => {
    all[i] = [...data[k]!];
  });
  return all;
}

const space: RowSpace<Matrix> = {
  add: (a, b) => {
    const right = dense(b);
    return matrix(dense(a).map((row, i) => row.map((x, j) => x + right[i]![j]!)));
  },
  scale: (v, factor) => ({ ...v, data: v.data.map((row) => row.map((x) => factor * x)) }),
  fits: ({ shape: [h, w] }, value) => h === value.shape[0] && w === value.shape[1],
  rowNorms: (v) => dense(v).map((row) => Math.hypot(...row)),
  takeRows: (v, indices, factors) => {
    const all = dense(v);
    return {
      shape: v.shape,
      held: [...indices],
      data: [...indices].map((i, k) => all[i]!.map((x) => x * factors[k]!)),
    };
  },
};

/** `x · w`, whose pullback multiplies only the rows that the cotangent holds, and counts the multiplications. */
function matmul(
  label: string,
  x: Node<Matrix>,
  w: Node<Matrix>,
  count: (multiplications: number) => void,
): Node<Matrix> {
  const [left, right] = [dense(x.value), dense(w.value)];
  const product = left.map((row) =>
    right[0]!.map((_, j) => row.reduce((sum, a, k) => sum + a * right[k]![j]!, 0)),
  );
  return operation(label, matrix(product), [x, w], (g) => {
    count(2 * g.held.length * right.length * right[0]!.length);
    const dx = {
      shape: x.value.shape,
      held: g.held,
      data: g.data.map((row) => right.map((r) => dot(row, r))),
    };
    const dw = right.map((r, k) =>
      r.map((_, j) => g.held.reduce((sum, i, at) => sum + left[i]![k]! * g.data[at]![j]!, 0)),
    );
    return [dx, matrix(dw)];
  });
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

function network() {
  let multiplications = 0;
  const count = (more: number) => {
    multiplications += more;
  };
  const values = (height: number, width: number, salt: number) =>
    matrix(
      Array.from({ length: height }, (_, i) =>
        Array.from({ length: width }, (_, j) => Math.sin(salt + 3 * i + j)),
      ),
    );
  const leaves = [leaf(values(5, 3, 1)), leaf(values(3, 4, 2)), leaf(values(4, 2, 3))];
  const [x, w1, w2] = leaves as [Node<Matrix>, Node<Matrix>, Node<Matrix>];
  const output = matmul("second", matmul("first", x, w1, count), w2, count);
  const seed = matrix([
    [1, 0.5],
    [0, 0],
    [0.1, -0.1],
    [3, 2],
    [0.2, 0],
  ]);
  const run = (options: Partial<BackwardOptions<Matrix>>) => {
    multiplications = 0;
    const gradients = backward(output, seed, { space, ...options });
    const flat = leaves.flatMap((node) => {
      const gradient = gradients.get(node);
      return gradient === undefined ? node.value.data.flat().map(() => 0) : dense(gradient).flat();
    });
    return { gradient: Float64Array.from(flat), multiplications };
  };
  return run;
}

const every = (cut: ReturnType<typeof rows<Matrix>>) => () => cut;
const only = (label: string, cut: ReturnType<typeof rows<Matrix>>) => (edge: Edge<Matrix>) =>
  edge.label === label ? cut : undefined;

describe("rows", () => {
  const run = network();
  const exact = run({});

  test.each([{ share: 0.5 }, { count: 2.5 }, { count: 0.7 }])(
    "are unbiased over all outcomes: %o",
    (budget) => {
      for (const cut of [
        every(rows(space, designs.bernoulli, budget)),
        only("first", rows(space, designs.bernoulli, budget)),
        only("second", rows(space, designs.bernoulli, budget)),
      ]) {
        const mean = expectation((random: Random) => run({ cut, random }).gradient, float64);
        mean.forEach((m, i) => {
          expect(Math.abs(m - exact.gradient[i]!)).toBeLessThan(1e-12 * 10);
        });
      }
    },
  );

  test.each(["systematic", "priority"] as const)("are unbiased by %s (false alarm 1e-6)", (design) => {
    function* estimates() {
      for (let draw = 0; draw < 3000; draw++) {
        const random = independent(fold(key(4), draw));
        yield run({ random, cut: every(rows(space, designs[design], { count: 2 })) }).gradient;
      }
    }
    const { worst, limit } = zScores(estimates(), exact.gradient);
    expect(worst).toBeLessThan(limit);
  });

  test("shrink the products behind the edge", () => {
    const cut = only("second", rows(space, designs.priority, { count: 2 }));
    const { multiplications } = run({ cut, random: independent(key(0)) });
    expect(multiplications).toBe((exact.multiplications * 2) / 5);
  });

  test("keep at least one row", () => {
    const cut = only("second", rows(space, designs.systematic, { share: 0.01 }));
    const { multiplications } = run({ cut, random: independent(key(0)) });
    expect(multiplications).toBe(exact.multiplications / 5);
  });

  test("stay exact where the budget has room for all", () => {
    for (const budget of [{ share: 1 }, { count: 4 }, { count: 9 }]) {
      const { gradient } = run({
        cut: every(rows(space, designs.bernoulli, budget)),
        random: independent(key(0)),
      });
      expect(gradient).toEqual(exact.gradient);
    }
  });

  test("cut the edge where no row is left", () => {
    const zero = matrix([
      [0, 0],
      [0, 0],
    ]);
    expect(rows(space, designs.priority, { count: 1 })(zero, independent(key(0)), space)).toBe(null);
  });

  test.each([
    [{ share: 0 }, "rows: expected a share in (0, 1], got 0"],
    [{ share: 1.5 }, "rows: expected a share in (0, 1], got 1.5"],
    [{ count: -1 }, "rows: expected a count above 0, got -1"],
    [{ count: Number.NaN }, "rows: expected a count above 0, got NaN"],
  ])("refuse %o", (budget, message) => {
    expect(() => rows(space, designs.bernoulli, budget)).toThrow(message);
  });
});

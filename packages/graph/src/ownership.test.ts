import { expect, test } from "vitest";
import { type BackwardOptions, backward } from "./backward.ts";
import { bernoulli } from "./cuts/bernoulli.ts";
import { fanIn } from "./cuts/fan-in.ts";
import { designs } from "./designs/index.ts";
import { GraphError } from "./errors.ts";
import { leaf, type Node, operation, type VectorSpace } from "./node.ts";
import { independent } from "./random/random.ts";
import { key } from "./random/uniform.ts";

/** A number that must be dropped exactly once and not be used afterwards. */
class Counted {
  readonly #memory: Memory;
  readonly #value: number;
  #dropped = false;

  constructor(memory: Memory, value: number) {
    memory.step();
    memory.live++;
    this.#memory = memory;
    this.#value = value;
  }

  get value(): number {
    if (this.#dropped) throw new Error("used after it was dropped");
    return this.#value;
  }

  drop(): void {
    if (this.#dropped) this.#memory.doubleDrops++;
    else this.#memory.live--;
    this.#dropped = true;
  }
}

/** Counts live values, and fails when told to, like a device that runs out of memory. */
class Memory implements VectorSpace<Counted> {
  live = 0;
  peak = 0;
  doubleDrops = 0;
  steps = 0;
  failsAt = Infinity;

  step(): void {
    if (this.steps++ === this.failsAt) throw new Error("out of memory");
    this.peak = Math.max(this.peak, this.live + 1);
  }
  new(value: number): Counted {
    return new Counted(this, value);
  }
  add(a: Counted, b: Counted): Counted {
    return this.new(a.value + b.value);
  }
  scale(v: Counted, factor: number): Counted {
    return this.new(v.value * factor);
  }
  share(v: Counted): Counted {
    return this.new(v.value);
  }
  drop(v: Counted): void {
    v.drop();
  }
}

/** A shared subgraph, several edges of a node, a parent used twice, and an edge to a constant. */
function build(memory: Memory) {
  const times = (node: Node<Counted>, slope: number) =>
    operation("times", node.value, [node], (g) => [memory.scale(g, slope)]);
  // Its parts are made one by one, and an operation that fails must not leave those made before.
  const split = (...parents: Node<Counted>[]) =>
    operation("split", parents[0]!.value, parents, (g) => {
      const parts: Counted[] = [];
      try {
        for (const _ of parents) parts.push(memory.share(g));
      } catch (error) {
        for (const part of parts) part.drop();
        throw error;
      }
      return parts;
    });
  const [x, y] = [leaf(memory.new(1)), leaf(memory.new(2))];
  const shared = times(split(x, y, x), 3);
  const fan = [shared, times(shared, 2), y].map((parent) => ({
    label: "fan",
    weight: 1 + parent.value.value,
    parents: [parent, leaf(parent.value)],
    pullback: (g: Counted) => [memory.scale(g, 5), null],
  }));
  const output = split({ value: shared.value, edges: fan }, times(shared, 7));
  return { output, seed: memory.new(1), x, y };
}

function run(memory: Memory, failsAt: number, cuts: Partial<BackwardOptions<Counted>>) {
  const { output, seed, x, y } = build(memory);
  const before = memory.live;
  memory.steps = 0;
  memory.failsAt = failsAt;
  const random = independent(key(3));
  const result = { failed: false, steps: 0, gradients: [] as (number | undefined)[] };
  try {
    const gradients = backward(output, seed, {
      space: memory,
      random,
      keep: new Set([output]),
      ...cuts,
    });
    result.gradients = [x, y].map((node) => gradients.get(node)?.value);
    for (const gradient of gradients.values()) gradient.drop();
  } catch (error) {
    result.failed = true;
    // Step 0 shares the seed, before there is an edge to name.
    if (failsAt > 0) expect(error).toBeInstanceOf(GraphError);
    expect((error as Error).message).toContain("out of memory");
  }
  result.steps = memory.steps;
  expect(seed.value).toBe(1);
  expect(memory.live).toBe(before);
  expect(memory.doubleDrops).toBe(0);
  return result;
}

const cases: Record<string, Partial<BackwardOptions<Counted>>> = {
  exact: {},
  "cut at 1": { cut: () => bernoulli(1) },
  "cut at 0.8": { cut: () => bernoulli(0.8) },
  "fan-in": { fanIn: ({ edges }) => (edges.length > 1 ? fanIn(designs.priority, 2) : undefined) },
  "fan-in and cut": { fanIn: () => (edges) => edges.map(() => 2), cut: () => bernoulli(0.8) },
};

test.each(Object.entries(cases))("every cotangent is dropped once: %s", (_, cuts) => {
  const { failed, gradients } = run(new Memory(), Infinity, cuts);
  expect(failed).toBe(false);
  if (cuts === cases["exact"] || cuts === cases["cut at 1"]) expect(gradients).toEqual([132, 71]);
});

test.each(Object.entries(cases))("and none is left when any single step fails: %s", (_, cuts) => {
  const { steps } = run(new Memory(), Infinity, cuts);
  expect(steps).toBeGreaterThan(9);
  for (let failsAt = 0; failsAt < steps; failsAt++) {
    expect(run(new Memory(), failsAt, cuts).failed).toBe(true);
  }
});

test("results of a wrong number are dropped", () => {
  const memory = new Memory();
  const output = operation("pair", memory.new(1), [leaf(memory.new(1))], (g) => [
    memory.share(g),
    memory.share(g),
  ]);
  const seed = memory.new(1);
  const before = memory.live;
  expect(() => backward(output, seed, { space: memory })).toThrow("expected 1 cotangents");
  expect(memory.live).toBe(before);
});

test("a chain holds a handful of cotangents at a time", () => {
  const memory = new Memory();
  let node = leaf(memory.new(1));
  for (let depth = 0; depth < 1000; depth++) {
    node = operation("scale", node.value, [node], (g) => [memory.scale(g, 1)]);
  }
  const seed = memory.new(1);
  const before = memory.live;
  memory.peak = 0;
  backward(node, seed, { space: memory, random: independent(key(0)), cut: () => bernoulli(1) });
  expect(memory.peak - before).toBeLessThanOrEqual(3);
});

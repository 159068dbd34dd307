import { backward, fold, independent, key, type Node } from "@sus/graph";
import { zScores } from "@sus/graph/testing";
import { type Device, openDevice, type Tensor } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { describe, expect, test } from "vitest";
import { type Estimator, type LossOptions, type Transformer, transformer } from "./index.ts";

const batch = 2;
const length = 24;
const shape = [batch, length];
const base = { vocabulary: 11, context: length, layers: 2, heads: 4, width: 24, hidden: 40 } as const;
const models = {
  "rotary, GELU, RMS norm": base,
  "learned positions, SwiGLU, layer norm, grouped queries": {
    ...base,
    keyValueHeads: 2,
    positions: "learned",
    activation: "swiglu",
    norm: "layer",
  },
} as const;

/** Weights large enough that every part of the model matters for the loss. */
function enlarge(model: Transformer): Transformer {
  const parameters = new Map<string, Tensor>();
  for (const [index, [name, tensor]] of [...model.parameters].entries()) {
    const random = independent(fold(key(7), index));
    const data = Float32Array.from({ length: tensor.size }, () => random.uniform() - 0.5);
    if (name.endsWith("gain")) for (let i = 0; i < data.length; i++) data[i]! += 1;
    parameters.set(name, model.device.tensor(data, tensor.shape));
  }
  return new (model.constructor as typeof Transformer)(model.device, model.config, parameters);
}

function tokensAndTargets(device: Device): [Tensor, Tensor] {
  const random = independent(key(3));
  const draw = () =>
    device.tensor(
      Uint32Array.from({ length: batch * length }, () => Math.floor(random.uniform() * 10.99)),
      shape,
    );
  return [draw(), draw()];
}

async function gradients(
  model: Transformer,
  estimator: Estimator,
  options?: LossOptions,
): Promise<Map<string, Float32Array>> {
  using scope = model.device.scope();
  const [tokens, targets] = tokensAndTargets(model.device);
  const { loss, leaves } = model.loss(tokens, targets, estimator, options);
  const one = model.device.tensor(Float32Array.of(1), [1]);
  const cotangents = backward(loss, one, { space: tensors });
  const read = async ([name, leaf]: [string, Node<Tensor>]) =>
    [name, (await cotangents.get(leaf)!.read()) as Float32Array] as const;
  const all = await Promise.all([...leaves].map(read));
  void scope;
  return new Map(all);
}

async function lossOf(model: Transformer): Promise<number> {
  using scope = model.device.scope();
  const [tokens, targets] = tokensAndTargets(model.device);
  const read = await model.loss(tokens, targets, { c: "all" }).loss.value.read();
  void scope;
  return read[0]!;
}

function moved(
  model: Transformer,
  name: string,
  direction: Float32Array,
  by: number,
  data: Float32Array,
): Transformer {
  const shifted = model.device.tensor(
    data.map((x, i) => x + by * direction[i]!),
    model.parameters.get(name)!.shape,
  );
  const parameters = new Map(model.parameters).set(name, shifted);
  return new (model.constructor as typeof Transformer)(model.device, model.config, parameters);
}

describe.each(Object.entries(models))("%s", (_, config) => {
  test("the gradient of every parameter matches finite differences", async () => {
    using device = await openDevice("wasm", { threads: 1 });
    using model = enlarge(transformer(device, config, key(1)));
    const exact = await gradients(model, { c: "all" });
    for (const [name, gradient] of exact) {
      const data = (await model.parameters.get(name)!.read()) as Float32Array;
      // Along the gradient the derivative is largest, so that float32 resolves it.
      const norm = Math.hypot(...gradient);
      const direction = gradient.map((x) => x / norm);
      const step = 2e-2;
      const ahead = await lossOf(moved(model, name, direction, step, data));
      const behind = await lossOf(moved(model, name, direction, -step, data));
      expect((ahead - behind) / (2 * step) / norm, name).toBeCloseTo(1, 1.7);
    }
  });

  test("recomputing changes no bit of the gradient, and holds less", async () => {
    using device = await openDevice("wasm", { threads: 1 });
    using model = enlarge(transformer(device, config, key(1)));
    const estimator: Estimator = { c: 3, key: key(4) };
    const start = device.memory.used;
    const run = async (recompute: boolean) => {
      device.resetPeak();
      const gradient = await gradients(model, estimator, { recompute });
      return { gradient, bytes: device.memory.peak - start };
    };
    const held = await run(false);
    const recomputed = await run(true);
    expect(recomputed.gradient).toEqual(held.gradient);
    expect(recomputed.bytes).toBeLessThan(0.9 * held.bytes);
  });

  test("sampled gradients are right on average, and the forward pass is exact", async () => {
    using device = await openDevice("wasm", { threads: 1 });
    using model = enlarge(transformer(device, config, key(1)));
    const exact = await gradients(model, { c: "all" });
    const names = ["embedding", "layers.0.attention.query", "layers.1.attention.value", "layers.0.mlp.up"];
    const draws: Float32Array[] = [];
    for (let seed = 0; seed < 400; seed++) {
      const estimate = await gradients(model, { c: 3, design: "bernoulli", key: key(seed) });
      draws.push(Float32Array.from(names.flatMap((name) => [...estimate.get(name)!.subarray(0, 40)])));
    }
    const wanted = names.flatMap((name) => [...exact.get(name)!.subarray(0, 40)]);
    const { worst, limit } = zScores(draws, wanted);
    expect(worst).toBeLessThan(limit);
    expect(draws[0]).not.toEqual(draws[1]);
  });
});

test("each layer can have a budget of its own, or be exact", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using model = enlarge(transformer(device, base, key(1)));
  const exact = await gradients(model, { c: "all" });
  const estimator = { design: "priority", key: key(4) } as const;
  const kept: [layer: number, entries: number][] = [];
  const onSample: NonNullable<LossOptions["onSample"]> = (sample, layer) => kept.push([layer, sample.nnz]);

  await gradients(model, { ...estimator, c: [2, 5] }, { onSample });
  const entries = (c: number) => batch * base.heads * ((c * (c + 1)) / 2 + (length - c) * c);
  expect(kept).toEqual([
    [0, entries(2)],
    [1, entries(5)],
  ]);
  expect(await gradients(model, { ...estimator, c: [3, 3] })).toEqual(
    await gradients(model, { ...estimator, c: 3 }),
  );

  // What the first layer's sample changes lies below its weights: the second layer's gradients stay exact.
  const first = await gradients(model, { ...estimator, c: [2, "all"] });
  expect(first.get("layers.1.attention.query")).toEqual(exact.get("layers.1.attention.query"));
  expect(first.get("layers.0.attention.query")).not.toEqual(exact.get("layers.0.attention.query"));

  const keys = [fold(key(4), 0), fold(key(4), 1)];
  expect(await gradients(model, { ...estimator, c: 3, key: keys })).toEqual(
    await gradients(model, { ...estimator, c: 3 }),
  );

  await expect(gradients(model, { ...estimator, c: [3] })).rejects.toThrow(
    "transformer: expected c for each of 2 layers, got 1",
  );
  await expect(gradients(model, { ...estimator, c: 3, key: keys.slice(1) })).rejects.toThrow(
    "transformer: expected key for each of 2 layers, got 1",
  );
});

test("each head of a layer has its own budget, and says what it kept", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using model = enlarge(transformer(device, base, key(1)));
  const estimator = { design: "priority", key: key(4) } as const;
  const keptBy = async (c: Exclude<Estimator["c"], "all">) => {
    using _ = device.scope();
    const { kept } = model.loss(...tokensAndTargets(device), { ...estimator, c });
    return { perRow: await kept.perRow(), perHead: await kept.perHead() };
  };
  const all = (length + 1) / 2;
  const perRow = (c: number | "all") => (c === "all" ? all : c - (c * (c - 1)) / 2 / length);
  const first = [2, 9, "all", 1] as const;
  const kept = await keptBy([first, 3]);
  const wanted = [first.map(perRow), Array(base.heads).fill(perRow(3))];
  for (const [layer, heads] of wanted.entries()) {
    for (const [head, c] of heads.entries()) expect(kept.perHead[layer]![head]).toBeCloseTo(c, 10);
    expect(kept.perRow[layer]).toBeCloseTo(heads.reduce((sum, c) => sum + c, 0) / heads.length, 10);
  }
  expect((await keptBy(["all", first])).perHead).toEqual([kept.perHead[0]]);

  const [same, plain] = [[[3, 3, 3, 3], 3] as const, 3];
  expect(await gradients(model, { ...estimator, c: same })).toEqual(
    await gradients(model, { ...estimator, c: plain }),
  );
  // All heads of the second layer exact: the layer is.
  const exact = await gradients(model, { c: "all" });
  const last = await gradients(model, { ...estimator, c: [3, Array<"all">(base.heads).fill("all")] });
  expect(last.get("layers.1.attention.query")).toEqual(exact.get("layers.1.attention.query"));

  await expect(gradients(model, { ...estimator, c: [3, [3, 3]] })).rejects.toThrow(
    "attentionForward: expected c for each of 4 query heads, got 2",
  );
});

test("fresh weights follow from the key alone, and predict next to nothing", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using first = transformer(device, base, key(5));
  using second = transformer(device, base, key(5));
  using other = transformer(device, base, key(6));
  const embedding = (model: Transformer) => model.parameters.get("embedding")!.read();
  expect(await embedding(first)).toEqual(await embedding(second));
  expect(await embedding(first)).not.toEqual(await embedding(other));
  expect(await lossOf(first)).toBeCloseTo(Math.log(base.vocabulary), 1);
});

test("a step gives all its memory back", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using model = transformer(device, base, key(1));
  const before = device.memory.used;
  for (const c of ["all", 3] as const) {
    using step = device.scope();
    const [tokens, targets] = tokensAndTargets(device);
    const estimator: Estimator = c === "all" ? { c } : { c, design: "priority", key: key(1) };
    const { loss, kept } = model.loss(tokens, targets, estimator);
    using one = device.tensor(Float32Array.of(1), [1]);
    const cotangents = backward(loss, one, { space: tensors });
    for (const cotangent of cotangents.values()) cotangent[Symbol.dispose]();
    const perRow = (1 + 2 + (length - 2) * 3) / length;
    expect(await kept.perRow()).toEqual(c === "all" ? [] : Array(base.layers).fill(perRow));
    void step;
  }
  expect(device.memory.used).toBe(before);
});

test("with two stages it counts what the second one keeps, once the backward pass has drawn it", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using model = enlarge(transformer(device, base, key(1)));
  using _ = device.scope();
  const [tokens, targets] = tokensAndTargets(device);
  const estimator: Estimator = { c: [2, 100], design: "two-stage", key: key(3), oversample: 2 };
  const { loss, kept } = model.loss(tokens, targets, estimator);
  const first = await kept.perRow();
  backward(loss, device.tensor(Float32Array.of(1), [1]), { space: tensors });
  const second = await kept.perRow();
  expect(second[0]).toBeLessThan(first[0]!);
  expect(Math.abs(second[0]! - 2)).toBeLessThan(0.3);
  // Nothing to thin.
  expect(second[1]).toBe(first[1]);
});

test("tokens of the wrong type or shape are an error", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using model = transformer(device, models["learned positions, SwiGLU, layer norm, grouped queries"], key(1));
  const logits = (data: Uint32Array | Float32Array, dimensions: readonly number[]) =>
    model.logits(device.tensor(data, dimensions));
  expect(() => logits(new Float32Array(6), [2, 3])).toThrow(
    "transformer: expected tokens of type u32, got f32",
  );
  expect(() => logits(new Uint32Array(6), [6])).toThrow(
    "transformer: expected tokens of shape [batch, length], got [6]",
  );
  expect(() => logits(new Uint32Array(30), [1, 30])).toThrow(
    "transformer: expected at most 24 tokens (the learned positions), got 30",
  );
});

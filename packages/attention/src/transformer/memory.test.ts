import { backward, fold, key } from "@sus/graph";
import { adamw, clipByGlobalNorm, openDevice } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { expect, test } from "vitest";
import { transformer } from "./index.ts";

const shape = [1, 16];

test.each([1, 2])("a thousand training steps take no more memory than ten: %i threads", async (threads) => {
  using device = await openDevice("wasm", { threads });
  using model = transformer(device, { vocabulary: 16, context: 16, layers: 1, heads: 2, width: 16 }, key(1));
  const moments = new Map(
    [...model.parameters].map(([name, parameter]) => [
      name,
      { m: device.zeros(parameter.shape), v: device.zeros(parameter.shape) },
    ]),
  );
  const train = (step: number) => {
    using _scope = device.scope();
    const tokens = device.tensor(
      Uint32Array.from({ length: 16 }, (_, i) => (i * step) % 16),
      shape,
    );
    const design = step % 2 === 0 ? "bernoulli" : "priority";
    const { loss, leaves } = model.loss(tokens, tokens, { c: 4, design, key: fold(key(2), step) });
    const seed = device.tensor(Float32Array.of(1), [1]);
    const cotangents = backward(loss, seed, { space: tensors });
    const gradients = [...leaves].map(([name, leaf]) => [name, cotangents.get(leaf)!] as const);
    clipByGlobalNorm(
      gradients.map(([, gradient]) => gradient),
      1,
    );
    for (const [name, gradient] of gradients) {
      const state = { parameter: model.parameters.get(name)!, gradient, ...moments.get(name)! };
      adamw(state, { step, learningRate: 1e-3 });
    }
  };
  for (let step = 1; step <= 10; step++) train(step);
  const after = device.memory;
  for (let step = 11; step <= 1000; step++) train(step);
  expect(device.memory).toEqual(after);
});

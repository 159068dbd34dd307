import { backward, fold, independent, key } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { describe, expect, test } from "vitest";
import { onEachGpu, onWasm, type RunOnGpu } from "../../test/gpu.ts";
import { type Estimator, Transformer, type TransformerConfig, transformer } from "../index.ts";

const [batch, length] = [2, 24];

const models: Readonly<Record<string, TransformerConfig>> = {
  "rotary, GELU, RMS norm": { vocabulary: 11, context: length, layers: 2, heads: 4, width: 24, hidden: 40 },
  "learned positions, SwiGLU, layer norm, grouped queries": {
    ...{ vocabulary: 11, context: length, layers: 2, heads: 4, width: 32, hidden: 40 },
    ...{ keyValueHeads: 2, positions: "learned", activation: "swiglu", norm: "layer" },
  },
};

const estimators: Readonly<Record<string, Estimator>> = {
  exact: { c: "all" },
  bernoulli: { c: 3, key: key(4) },
  priority: { c: 3, design: "priority", key: key(4) },
  "two stages": { c: 3, design: "two-stage", key: key(4) },
  "two stages, full factor": { c: 3, design: "two-stage", factor: "full", key: key(4) },
  "systematic, without a baseline": { c: 3, design: "systematic", baseline: false, key: key(4) },
};

/** Weights large enough that every part of the model matters for the loss. */
function enlarged(device: Device, config: TransformerConfig): Transformer {
  using fresh = transformer(device, config, key(1));
  const parameters = new Map<string, Tensor>();
  for (const [index, [name, tensor]] of [...fresh.parameters].entries()) {
    const random = independent(fold(key(7), index));
    const shift = name.endsWith("gain") ? 0.5 : -0.5;
    const data = Float32Array.from({ length: tensor.size }, () => random.uniform() + shift);
    parameters.set(name, device.tensor(data, tensor.shape));
  }
  return new Transformer(device, fresh.config, parameters);
}

/** The loss of a step and the gradient of every parameter. */
async function step(
  run: RunOnGpu,
  config: TransformerConfig,
  estimator: Estimator,
): Promise<Map<string, ArrayLike<number>>> {
  const results = new Map<string, ArrayLike<number>>();
  await run(async (device) => {
    const model = enlarged(device, config);
    const random = independent(key(3));
    const draw = () =>
      device.tensor(
        Uint32Array.from({ length: batch * length }, () => Math.floor(random.uniform() * 10.99)),
        [batch, length],
      );
    const { loss, leaves } = model.loss(draw(), draw(), estimator);
    const cotangents = backward(loss, device.tensor(Float32Array.of(1), [1]), { space: tensors });
    results.set("loss", await loss.value.read());
    for (const [name, leaf] of leaves) results.set(name, await cotangents.get(leaf)!.read());
  });
  return results;
}

onEachGpu("a training step", 2 ** 16, (run) => {
  describe.each(Object.entries(models))("%s", (_, config) => {
    test.each(Object.entries(estimators))("%s: the same as on the processor", async (_, estimator) => {
      const [gpu, wasm] = [await step(run, config, estimator), await step(onWasm, config, estimator)];
      expect([...gpu.keys()]).toEqual([...wasm.keys()]);
      for (const [name, wanted] of wasm) {
        const scale = Math.max(...Array.from(wanted, Math.abs));
        const actual = gpu.get(name)!;
        const worst = Math.max(...Array.from(wanted, (x, i) => Math.abs(actual[i]! - x)));
        expect(worst, name).toBeLessThanOrEqual(2e-5 * scale);
      }
    });
  });
});

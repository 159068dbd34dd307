import { parameterSpecs, resolveConfig } from "@sus/attention";
import { openDevice } from "@sus/tensor/node";
import { expect, test } from "vitest";
import { modelShapes, numbersOf } from "../testing/gradients.ts";
import { Shadow } from "./shadow.ts";

const config = resolveConfig({ vocabulary: 5, context: 4, layers: 1, heads: 1, width: 4, hidden: 8 });
const [beta1, beta2, epsilon] = [0.9, 0.98, 1e-8];

test.each([1e9, 0.5])(
  "momentum and update are AdamW's, of gradients clipped to a norm of %d",
  async (clip) => {
    using device = await openDevice("wasm", { threads: 1 });
    using shadow = new Shadow(device, parameterSpecs(config));
    const size = modelShapes(config).reduce((sum, { size }) => sum + size, 0);
    const m = new Float64Array(size);
    const v = new Float64Array(size);
    for (let step = 1; step <= 60; step++) {
      using _ = device.scope();
      const gradient = numbersOf(size, step);
      const { tensors } = modelShapes(config).reduce(
        ({ tensors, offset }, { name, shape, size }) => ({
          tensors: tensors.set(name, device.tensor(gradient.slice(offset, offset + size), shape)),
          offset: offset + size,
        }),
        { tensors: new Map(), offset: 0 },
      );
      const found = await shadow.take(tensors, { step, clip });
      const norm = Math.hypot(...gradient);
      expect(norm).toBeGreaterThan(0.5);
      expect(found.gradient).toEqual(gradient);
      let [worstMomentum, worstUpdate] = [0, 0];
      for (let i = 0; i < size; i++) {
        const g = gradient[i]! * Math.min(1, clip / norm);
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const update = m[i]! / (1 - beta1 ** step) / (Math.sqrt(v[i]! / (1 - beta2 ** step)) + epsilon);
        worstMomentum = Math.max(worstMomentum, Math.abs(found.momentum[i]! - m[i]!));
        worstUpdate = Math.max(worstUpdate, Math.abs(found.update[i]! - update));
      }
      expect(worstMomentum).toBeLessThan(1e-6);
      expect(worstUpdate).toBeLessThan(1e-5);
    }
  },
);

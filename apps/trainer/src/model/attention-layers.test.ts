import { attentionBackward, attentionForward } from "@sus/attention";
import { backward, type Node } from "@sus/graph";
import { type Tensor, WasmDevice } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { expect, test } from "vitest";
import { resolveSettings } from "../settings.ts";
import { forward } from "../train/differentiate.ts";
import { attentionRows } from "./attention-layers.ts";
import { freshModel } from "./model.ts";

test("the rows of each layer give what its attention passes back in the model", async () => {
  using device = await WasmDevice.open({ threads: 1 });
  const settings = resolveSettings({ context: 24, layers: 2, heads: 2, width: 16, seed: 5 });
  using model = freshModel(device, settings);
  const tokens = Uint32Array.from({ length: 24 }, (_, i) => (i * i * 7) % 256);
  const batch = { tokens, targets: tokens.map((token) => (token + 1) % 256) };
  const rows = attentionRows(model, batch, 24);

  using _ = device.scope();
  const { loss } = forward(model, batch, 24, { c: "all" });
  const layers: Node<Tensor>[] = [];
  const visit = (node: Node<Tensor>) => {
    for (const { label, parents } of node.edges) {
      for (const parent of parents) visit(parent);
      if (label === "attention" && !layers.includes(node)) layers.push(node);
    }
  };
  visit(loss);
  const inputs = layers.map((node) => node.edges[0]!.parents);
  const seed = device.tensor(Float32Array.of(1), [1]);
  const cotangents = backward(loss, seed, { space: tensors, keep: new Set(inputs.flat()) });
  expect(rows).toHaveLength(2);
  for (const [layer, { query, key, value, dOut }] of rows.entries()) {
    const { dq, dk, dv } = attentionBackward(attentionForward(query, key, value), "all", dOut);
    for (const [i, gradient] of [dq, dk, dv].entries()) {
      expect(await gradient.read()).toEqual(await cotangents.get(inputs[layer]![i]!)!.read());
    }
  }
  for (const tensor of rows.flatMap((layer) => Object.values(layer))) tensor[Symbol.dispose]();
});

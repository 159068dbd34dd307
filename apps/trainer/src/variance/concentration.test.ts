import { Transformer, transformer } from "@sus/attention";
import { key } from "@sus/graph";
import { openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { attentionInputs } from "../model/attention-layers.ts";
import { concentrationOf, evenlySpread } from "./concentration.ts";

test("heads whose queries are 0 see all keys alike, and layers come in their order", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using scope = device.scope();
  const config = { vocabulary: 9, context: 12, layers: 3, heads: 2, width: 8, hidden: 8, keyValueHeads: 1 };
  const fresh = transformer(device, config, key(1));
  const flat = "layers.2.attention.query";
  const larger = await fresh.parameters.get("layers.0.attention.query")!.read();
  const parameters = new Map(fresh.parameters)
    .set(flat, device.zeros(fresh.parameters.get(flat)!.shape))
    .set("layers.0.attention.query", device.tensor(larger.map((x) => 20 * x) as Float32Array, [8, 8]));
  const model = new Transformer(device, fresh.config, parameters);
  const tokens = device.tensor(
    Uint32Array.from({ length: 24 }, (_, i) => (i * i) % 9),
    [2, 12],
  );
  const layers = attentionInputs(model.loss(tokens, tokens, { c: "all" }).loss);
  expect(layers).toHaveLength(3);
  const found = await Promise.all(layers.map((inputs, layer) => concentrationOf(inputs, layer, 12)));
  // Row i of a flat head has i + 1 equal weights.
  const mean = (of: (keys: number) => number) =>
    Array.from({ length: 12 }, (_, i) => of(i + 1)).reduce((sum, x) => sum + x, 0) / 12;
  for (const [head, { layer, head: number, effectiveKeys, entropy }] of found[2]!.entries()) {
    expect([layer, number]).toEqual([2, head]);
    expect(effectiveKeys).toBeCloseTo(
      mean((keys) => keys),
      9,
    );
    expect(entropy).toBeCloseTo(mean(Math.log), 9);
  }
  for (const { effectiveKeys } of found[0]!) expect(effectiveKeys).toBeLessThan(6);
  void scope;
});

test("rows are spread evenly and end with the last", () => {
  expect(evenlySpread(10, 5)).toEqual([1, 3, 5, 7, 9]);
  expect(evenlySpread(3, 5)).toEqual([0, 1, 2]);
});

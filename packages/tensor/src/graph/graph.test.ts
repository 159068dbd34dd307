import { backward, bernoulli, independent, key } from "@sus/graph";
import { expect, test } from "vitest";
import { numbers, onBothBuilds } from "../../test/support.ts";
import { openDevice } from "../device/open.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./index.ts";

test("smoke", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using scope = device.scope();
  const x = ops.leaf(device.tensor(numbers(6, 1), [2, 3]));
  const w = ops.leaf(device.tensor(numbers(12, 2), [3, 4]));
  const loss = ops.softmaxCrossEntropy(ops.gelu(ops.matmul(x, w)), device.tensor(Uint32Array.of(1, 2), [2]));
  const g = backward(loss, device.tensor(Float32Array.of(1), [1]), { space: ops.tensors });
  expect(g.get(x)?.shape).toEqual([2, 3]);
  void scope;
});

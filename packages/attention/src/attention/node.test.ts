import { backward, fold, key, leaf } from "@sus/graph";
import { openDevice, type Tensor } from "@sus/tensor";
import { tensors } from "@sus/tensor/graph";
import { expect, test } from "vitest";
import { expectAsPrecise, onDevice, solve } from "../../test/problems.ts";
import { attention, attentionBackward, attentionForward } from "./index.ts";

const { problem, exact, single } = solve({ length: 20, depth: 6, queryHeads: 4, keyHeads: 2 });

test("one edge to q, k and v carries the exact gradient", async () => {
  using device = await openDevice("wasm");
  using _ = device.scope();
  const inputs = onDevice(device, problem);
  const [q, k, v] = [leaf(inputs.q), leaf(inputs.k), leaf(inputs.v)];
  const out = attention(q, k, v, { c: "all" });
  expect(out.edges.map(({ label, parents }) => [label, parents])).toEqual([["attention", [q, k, v]]]);
  expectAsPrecise(await out.value.read(), exact.out, single.out);
  const gradients = backward(out, inputs.dOut, { space: tensors });
  expectAsPrecise(await gradients.get(q)!.read(), exact.dq, single.dq);
  expectAsPrecise(await gradients.get(k)!.read(), exact.dk, single.dk);
  expectAsPrecise(await gradients.get(v)!.read(), exact.dv, single.dv);
});

test("a number c samples as attentionForward does, and says what it kept", async () => {
  using device = await openDevice("wasm");
  using _ = device.scope();
  const inputs = onDevice(device, problem);
  const [q, k, v] = [leaf(inputs.q), leaf(inputs.k), leaf(inputs.v)];
  let kept = 0;
  const estimator = { c: 3, key: fold(key(1), 2) };
  const out = attention(q, k, v, {
    ...estimator,
    causal: false,
    scale: 0.3,
    onSample: ({ nnz }) => {
      kept = nnz;
    },
  });
  const forward = attentionForward(inputs.q, inputs.k, inputs.v, {
    ...{ causal: false, scale: 0.3 },
    sample: { design: "bernoulli", ...estimator },
  });
  expect(kept).toBe(forward.sample!.nnz);
  const wanted = attentionBackward(forward, forward.sample!, inputs.dOut);
  const gradients = backward(out, inputs.dOut, { space: tensors });
  const read = (tensor: Tensor) => tensor.read();
  expect(await Promise.all([q, k, v].map((node) => read(gradients.get(node)!)))).toEqual(
    await Promise.all([wanted.dq, wanted.dk, wanted.dv].map(read)),
  );
});

test("the biased control takes one budget for all heads", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  const x = leaf(device.zeros([1, 3, 2, 4]));
  const before = device.memory.used;
  expect(() => attention(x, x, x, { c: [2, "all"], design: "top-k", key: key(1) })).toThrow(
    'attention: expected one c for all heads with top-k, got [2,"all"]',
  );
  expect(device.memory.used).toBe(before);
});

import { key } from "@sus/graph";
import { csr } from "@sus/sparse";
import { type Device, openDevice, ShapeError } from "@sus/tensor";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AttentionOptions, attentionBackward, attentionForward } from "./index.ts";

let device: Device;
beforeEach(async () => {
  device = await openDevice("wasm", { threads: 1 });
});
afterEach(() => device[Symbol.dispose]());

test.each<[number[], number[], number[], string]>([
  [[2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4], "expected q of shape [b, n, hq, d], got [2, 3, 4]"],
  [
    [1, 2, 0, 4],
    [1, 2, 1, 4],
    [1, 2, 1, 4],
    "expected q of shape [b, n, hq, d] with lengths above 0, got [1, 2, 0, 4]",
  ],
  [[1, 2, 4, 8], [1, 3, 4, 8], [1, 3, 4, 8], "expected k of shape [1, 2, hkv, 8], got [1, 3, 4, 8]"],
  [[1, 2, 4, 8], [1, 2, 2, 8], [1, 2, 2, 7], "expected v of shape [1, 2, 2, 8], got [1, 2, 2, 7]"],
  [
    [1, 2, 4, 8],
    [1, 2, 3, 8],
    [1, 2, 3, 8],
    "expected a number of query heads that is a multiple of the 3 key heads, got 4",
  ],
])("attentionForward rejects q %j, k %j, v %j", (q, k, v, message) => {
  const call = () => attentionForward(device.zeros(q), device.zeros(k), device.zeros(v));
  expect(call).toThrow(ShapeError);
  expect(call).toThrow(`attentionForward: ${message}`);
});

test.each<[AttentionOptions, string]>([
  [{ scale: Number.NaN }, "expected a finite scale, got NaN"],
  [{ sample: { design: "bernoulli", c: 0, key: key(0) } }, "expected c above 0 and finite, got 0"],
  [
    { sample: { design: "systematic", c: Infinity, key: key(0) } },
    "expected c above 0 and finite, got Infinity",
  ],
  [
    { sample: { design: "priority", c: 2.5, key: key(0) } },
    "expected a whole number c for priority, got 2.5",
  ],
  [
    { sample: { design: "poisson" as "bernoulli", c: 2, key: key(0) } },
    'expected the design bernoulli, priority, systematic or two-stage, got "poisson"',
  ],
  [
    { sample: { design: "two-stage", c: 2, oversample: 0.5, key: key(0) } },
    "expected oversample of at least 1 and finite, got 0.5",
  ],
  [
    { sample: { design: "two-stage", c: 2, factor: "column" as "row", key: key(0) } },
    'expected the factor row or full, got "column"',
  ],
  [
    { sample: { design: "bernoulli", c: 2, baseline: "values" as "all", key: key(0) } },
    'expected the baseline true, false or "all", got "values"',
  ],
])("attentionForward rejects %o", (options, message) => {
  const x = device.zeros([1, 2, 1, 4]);
  expect(() => attentionForward(x, x, x, options)).toThrow(`attentionForward: ${message}`);
});

test("attentionForward rejects other types", () => {
  const x = device.zeros([1, 2, 1, 4]);
  expect(() => attentionForward(x, x, device.zeros([1, 2, 1, 4], "i32"))).toThrow(
    "attentionForward: expected v of type f32, got i32",
  );
});

test("attentionBackward rejects what does not fit the forward pass", () => {
  const x = device.zeros([1, 2, 1, 4]);
  const forward = attentionForward(x, x, x);
  expect(() => attentionBackward(forward, "all", device.zeros([1, 2, 1, 5]))).toThrow(
    "attentionBackward: expected dOut of shape [1, 2, 1, 4], got [1, 2, 1, 5]",
  );
  const weights = csr(device, { shape: [3, 2], indptr: [0, 0, 0, 0], indices: [], data: [] });
  expect(() => attentionBackward(forward, weights, x)).toThrow(
    "attentionBackward: expected weights of shape [2, 2], got [3, 2]",
  );
});

test("tensors of another device are refused", async () => {
  using other = await openDevice("wasm", { threads: 1 });
  const x = device.zeros([1, 2, 1, 4]);
  expect(() => attentionForward(x, other.zeros([1, 2, 1, 4]), x)).toThrow(
    "attentionForward: expected tensors of one device",
  );
});

import { expect, test } from "vitest";
import { expectAgreement } from "./agree.ts";

const ours = { loss: Float32Array.of(2), dq: Float32Array.of(0, -100, 50) };
const agree = (theirs: Record<string, Float32Array>) => expectAgreement("tfjs-wasm", ours, theirs, 0.01);

test("small differences, measured against the largest value of an array, are none", () => {
  expect(() => agree({ ...ours, dq: Float32Array.of(0.9, -99.1, 50) })).not.toThrow();
});

test.each([
  ["a larger difference", { ...ours, dq: Float32Array.of(0, -100, 52) }, "a difference of 2"],
  ["in a small array", { ...ours, loss: Float32Array.of(2.1) }, "expected loss to agree within 0.01"],
  ["not a number", { ...ours, dq: Float32Array.of(0, Number.NaN, 50) }, "a difference of NaN"],
  ["another length", { ...ours, dq: Float32Array.of(0, -100) }, "expected dq of 3 numbers, got 2"],
  ["nothing", { loss: ours.loss }, "tfjs-wasm: expected dq of 3 numbers, got none"],
])("%s is refused", (_what, theirs, message) => {
  expect(() => agree(theirs)).toThrow(message);
});

import { key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { onDevice, problemOf } from "../../test/problems.ts";
import { attentionBackward, attentionForward } from "./index.ts";

const designs = ["bernoulli", "priority", "systematic", "two-stage", "all"] as const;

/** Forward and backward pass at one length; what they leave behind belongs to the open scope. */
function run(device: Device, length: number, design: (typeof designs)[number]): void {
  const { q, k, v, dOut } = onDevice(device, problemOf({ length, depth: 8 }));
  const sample = design === "all" ? undefined : { design, c: 10, key: key(1) };
  const forward = attentionForward(q, k, v, sample === undefined ? {} : { sample });
  attentionBackward(forward, forward.sample ?? "all", dOut);
}

test.each(designs)("%s: the memory of forward and backward pass grows linearly", async (design) => {
  using device = await openDevice("wasm", { threads: 1 });
  const peaks = [2048, 4096, 8192].map((length) => {
    using _ = device.scope();
    device.resetPeak();
    run(device, length, design);
    return device.memory.peak;
  });
  const [first, second, third] = peaks as [number, number, number];
  // A line, and below the n×n array of one head by far.
  expect((third - second) / (second - first)).toBeCloseTo(2, 1);
  expect(third).toBeLessThan((4 * 8192 ** 2) / 10);
});

test.each(designs)("%s leaves nothing behind", async (design) => {
  using device = await openDevice("wasm", { threads: 1 });
  for (const length of [1, 100]) {
    using _ = device.scope();
    run(device, length, design);
  }
  expect(device.memory.used).toBe(0);
});

test("a bad call changes nothing", async () => {
  using device = await openDevice("wasm", { threads: 1 });
  using _ = device.scope();
  const { q, k, v, dOut } = onDevice(device, problemOf({ length: 5, depth: 4 }));
  const forward = attentionForward(q, k, v);
  const { used } = device.memory;
  expect(() => attentionForward(q, k, device.zeros([1, 5, 1, 3]))).toThrow();
  expect(() => attentionBackward(forward, "all", device.zeros([1, 5, 1, 3]))).toThrow();
  attentionBackward(forward, "all", dOut);
  expect(device.memory.used).toBeGreaterThan(used);
});

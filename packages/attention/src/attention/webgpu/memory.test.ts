import { key } from "@sus/graph";
import type { Device } from "@sus/tensor";
import { expect, test } from "vitest";
import { onEachGpu } from "../../../test/gpu.ts";
import { onDevice, problemOf, type Sizes } from "../../../test/problems.ts";
import { attentionBackward, attentionForward } from "../index.ts";

const designs = ["bernoulli", "priority", "systematic", "two-stage", "all"] as const;
type Design = (typeof designs)[number];

/** Forward and backward pass; what they leave behind belongs to the open scope. */
function run(device: Device, sizes: Sizes, design: Design): void {
  const { q, k, v, dOut } = onDevice(device, problemOf(sizes));
  const sample = design === "all" ? undefined : { design, c: 10, key: key(1) };
  const forward = attentionForward(q, k, v, sample === undefined ? {} : { sample });
  attentionBackward(forward, forward.sample ?? "all", dOut);
}

onEachGpu("memory", 2 ** 18, (onGpu) => {
  test.each(designs)("%s leaves nothing behind", (design) =>
    onGpu(async (device) => {
      const before = device.memory.used;
      for (const sizes of [
        { length: 1, depth: 4 },
        { length: 70, depth: 6, queryHeads: 2 },
      ]) {
        using _ = device.scope();
        run(device, sizes, design);
      }
      expect(device.memory.used).toBe(before);
    }),
  );

  test.each(designs)("%s takes memory that grows with the rows", (design) =>
    onGpu(async (device) => {
      const peaks: number[] = [];
      for (const length of [512, 1024]) {
        using _ = device.scope();
        device.resetPeak();
        run(device, { length, depth: 4 }, design);
        peaks.push(device.memory.peak);
      }
      // Blocks come in classes of size, each at most a quarter larger than the one before.
      expect(peaks[1]! / peaks[0]!).toBeLessThanOrEqual(2.5);
    }),
  );
});

import { openDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { TrainingStep } from "./step.ts";

async function lossOf(
  training: TrainingStep,
  device: Awaited<ReturnType<typeof openDevice>>,
): Promise<number> {
  using _ = device.scope();
  return (await training.differentiate("all").loss.read())[0]!;
}

test.each([
  ["all", false],
  [4, false],
  [4, true],
] as const)("steps with c = %s, recompute: %s, learn, and leave nothing behind", async (c, recompute) => {
  using device = await openDevice("wasm", { threads: 1 });
  const training = new TrainingStep(device, 48, recompute);
  const before = await lossOf(training, device);
  const { used } = device.memory;
  for (let step = 0; step < 3; step++) training.run(c);
  expect(device.memory.used).toBe(used);
  expect(await lossOf(training, device)).toBeLessThan(before - 0.1);
  training[Symbol.dispose]();
  expect(device.memory.used).toBe(0);
});

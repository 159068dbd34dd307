import { readFile } from "node:fs/promises";
import { WebGpuDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { bareGpu, hasGpu, provideGpu } from "../testing/gpu.ts";
import { beginTiny } from "../testing/tiny-run.ts";
import type { Run } from "./run.ts";
import { type TrainOptions, train } from "./train.ts";

const signal = new AbortController().signal;

/** Trains to the end; what happened, and what was said of losses. */
async function finish(run: Run, onStep: TrainOptions["onStep"] = () => {}) {
  using _ = run;
  const said: string[] = [];
  const summary = await train(run, { signal, onStep, onLoss: (message) => said.push(message) });
  return { summary, records: run.records, said };
}

const untimed = ({ records }: Awaited<ReturnType<typeof finish>>) =>
  records.map(({ milliseconds: _, ...record }) => record);

/** Losses agree to this share of them: sums are taken in another order, and Adam's first steps amplify it. */
const tolerance = 1e-4;

describe.runIf(hasGpu)("training on a GPU", () => {
  provideGpu();

  test.each([{ c: "all" }, { c: 4, design: "paper" }, { c: 4, design: "plain-priority" }])(
    "has the losses of the processor, %o",
    async (given) => {
      const [wasm, webgpu] = [
        await finish(await beginTiny(given)),
        await finish(await beginTiny({ ...given, device: "webgpu" })),
      ];
      expect(webgpu.summary.device).toMatch(/^webgpu, /);
      expect(webgpu.records).toHaveLength(wasm.records.length);
      for (const [i, { bitsPerByte, keptPerRow }] of webgpu.records.entries()) {
        const expected = wasm.records[i]!;
        expect(Math.abs(bitsPerByte / expected.bitsPerByte - 1)).toBeLessThan(tolerance);
        expect(Math.abs(keptPerRow / expected.keptPerRow - 1)).toBeLessThan(0.02);
      }
      expect(Math.abs(webgpu.records.at(-1)!.heldOut! / wasm.records.at(-1)!.heldOut! - 1)).toBeLessThan(
        tolerance,
      );
    },
  );

  test("splits the time of a step by time stamps of the GPU", async () => {
    const { records, summary } = await finish(await beginTiny({ c: "all", steps: 2, device: "webgpu" }));
    const { attentionForward, attentionBackward, step } = records[1]!.milliseconds;
    expect(attentionForward!).toBeGreaterThan(0);
    expect(attentionBackward!).toBeGreaterThan(0);
    expect(attentionForward! + attentionBackward!).toBeLessThan(step);
    expect(summary.milliseconds.attentionBackwardExact).toBeGreaterThan(0);
  });

  test("goes on from the last checkpoint where the GPU is lost", async () => {
    const given = { c: "all", steps: 4, checkpointEvery: 2, device: "webgpu" };
    const expected = untimed(await finish(await beginTiny(given)));
    const run = await beginTiny(given);
    let destroyed = false;
    const result = await finish(run, ({ step }) => {
      const { device } = run.trainer;
      if (step !== 3 || destroyed || !(device instanceof WebGpuDevice)) return;
      destroyed = true;
      device.device.destroy();
    });
    expect(result.said).toHaveLength(1);
    expect(result.said[0]).toContain("webgpu: the device was lost (it was destroyed)");
    expect(result.said[0]).toContain("Going on after step 2 on webgpu");
    expect(untimed(result)).toEqual(expected);
  });
});

describe.runIf(hasGpu)("training on a GPU of the default limits, without time stamps and subgroups", () => {
  provideGpu(bareGpu);

  test("has the losses of the processor, and says that the parts of a step were not timed", async () => {
    const given = { c: 4, design: "two-stage", steps: 3 };
    const wasm = await finish(await beginTiny(given));
    const run = await beginTiny({ ...given, device: "webgpu" });
    const { device } = run.trainer;
    expect(
      [...(device as WebGpuDevice).device.features].filter((name) => name !== "core-features-and-limits"),
    ).toEqual([]);
    const { records, summary } = await finish(run);
    for (const [i, { bitsPerByte, milliseconds }] of records.entries()) {
      expect(Math.abs(bitsPerByte / wasm.records[i]!.bitsPerByte - 1)).toBeLessThan(tolerance);
      expect(Object.keys(milliseconds)).toEqual(["step"]);
    }
    expect(summary.milliseconds).toMatchObject({ attentionForward: null, attentionBackwardExact: null });
    const report = await readFile(run.folder.reportPath, "utf8");
    expect(report).toContain("this GPU device has no time stamps (timestamp-query)");
    expect(report).not.toContain("NaN");
  });
});

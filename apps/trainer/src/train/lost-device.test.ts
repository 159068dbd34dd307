import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DeviceError } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import type { StepRecord } from "../run-folder/record.ts";
import { beginTiny } from "../testing/tiny-run.ts";
import type { Run } from "./run.ts";
import { type TrainOptions, train } from "./train.ts";

const signal = new AbortController().signal;
const options = { signal, onStep: () => {} };

/** Trains to the end and gives what happened, without the times, and what was said of losses. */
async function finish(run: Run, onStep: TrainOptions["onStep"]) {
  using _ = run;
  const said: string[] = [];
  const { bitsPerByte } = await train(run, { signal, onStep, onLoss: (message) => said.push(message) });
  const records = run.records.map(({ milliseconds: _, ...record }) => record);
  const lines = (await readFile(join(run.folder.path, "log.jsonl"), "utf8")).trimEnd().split("\n");
  const log = lines.map((line) => {
    const { milliseconds: _, ...record } = JSON.parse(line) as StepRecord;
    return record;
  });
  return { bitsPerByte, records, log, said };
}

/** Loses the device after each of these steps, once. */
function losing(run: Run, ...steps: number[]): TrainOptions["onStep"] {
  const left = new Set(steps);
  return ({ step }) => {
    if (left.delete(step)) run.trainer.device[Symbol.dispose]();
  };
}

const given = { steps: 9, checkpointEvery: 3, evaluateEvery: 4 };

describe("a device that is lost", () => {
  test("is opened again, and the run goes on from the last checkpoint as if nothing had happened", async () => {
    const expected = await finish(await beginTiny(given), () => {});
    const run = await beginTiny(given);
    const { said, ...result } = await finish(run, losing(run, 5, 7));
    expect(expected.said).toEqual([]);
    expect({ said: [], ...result }).toEqual(expected);
    expect(said).toEqual(
      [3, 6].map((step) =>
        expect.stringMatching(new RegExp(`disposed\\nGoing on after step ${step} on wasm, .*\\.$`)),
      ),
    );
  });

  test("before the first checkpoint sends the run back to the start", async () => {
    const expected = await finish(await beginTiny(given), () => {});
    const run = await beginTiny(given);
    const { said, ...result } = await finish(run, losing(run, 2));
    expect({ said: [], ...result }).toEqual(expected);
    expect(said).toEqual([expect.stringContaining("Going on after step 0 on wasm")]);
  });

  test("again and again ends the run, which can be resumed", async () => {
    using run = await beginTiny(given);
    const seen: number[] = [];
    const onStep: TrainOptions["onStep"] = ({ step }) => {
      seen.push(step);
      if (step === 5) run.trainer.device[Symbol.dispose]();
    };
    const failed = train(run, { ...options, onStep });
    await expect(failed).rejects.toThrow(DeviceError);
    await expect(failed).rejects.toThrow(`To go on from step 3: sus train --resume ${run.folder.path}`);
    expect(seen).toEqual([1, 2, 3, 4, 5, 4, 5, 4, 5]);
  });

  test("after the last step takes only the comparison with it", async () => {
    using run = await beginTiny(given);
    const onStep = losing(run, 9);
    // The checkpoint of the last step is the last that is read from the device.
    const write = run.folder.writeCheckpoint.bind(run.folder);
    run.folder.writeCheckpoint = async (checkpoint) => {
      await write(checkpoint);
      if (checkpoint.step === 9) onStep({ ...run.records[8]!, step: 9 });
    };
    const summary = await train(run, options);
    expect(summary.steps).toBe(9);
    expect(summary.milliseconds.attentionBackwardExact).toBeNull();
  });
});

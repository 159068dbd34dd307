import { createHash } from "node:crypto";
import type { Transformer } from "@sus/attention";
import type { Device } from "@sus/tensor";
import { InputError } from "../errors.ts";
import { loadModel, openDeviceFor } from "../model/model.ts";
import type { Array32 } from "../run-folder/safetensors.ts";
import { openTrained } from "../run-folder/trained.ts";
import type { Settings } from "../settings.ts";
import { type Batch, heldOutWindows } from "../text/batches.ts";
import { readText } from "../text/source.ts";
import { type Split, splitText } from "../text/split.ts";
import type { VarianceSettings } from "./settings.ts";

/** A trained model and the text to measure it on. */
export interface Study extends Disposable {
  readonly device: Device;
  readonly model: Transformer;
  /** The run's own settings. */
  readonly trained: Settings;
  readonly textName: string;
  /** Of the weights and the text. */
  readonly hash: string;
  /** `count` sequences of n tokens from the held-out text. Throws `InputError` where there are not so many. */
  batches(n: number, count: number): readonly Batch[];
}

/** Opens checkpoint, text and device. The caller disposes the study. Throws `InputError` where one cannot be used. */
export async function openStudy(settings: VarianceSettings): Promise<Study> {
  const { config, parameters } = await openTrained(settings.checkpoint, "--checkpoint");
  const trained = config.settings;
  const text = await readText(settings.data ?? trained.data);
  // Cut as in training, so that what was held out then is measured on now, whatever the lengths asked for.
  const split = splitText(text.bytes.length, trained.heldOut, trained.context + 1);
  const device = await openDeviceFor(settings);
  try {
    const model = loadModel(device, trained, parameters);
    return {
      ...{ device, model, trained, textName: text.name, hash: hashOf(parameters, text.sha256) },
      batches: (n, count) => windowsOf(text.bytes, split, trained, n, count),
      [Symbol.dispose]: () => {
        model[Symbol.dispose]();
        device[Symbol.dispose]();
      },
    };
  } catch (error) {
    device[Symbol.dispose]();
    throw error;
  }
}

function windowsOf(bytes: Uint8Array, { heldOut }: Split, trained: Settings, n: number, count: number) {
  if (trained.positions === "learned" && n > trained.context) {
    throw new InputError(`--context: expected at most ${trained.context} with learned positions, got ${n}`);
  }
  const windows = heldOutWindows(bytes, heldOut, n, count);
  if (windows.length < count) {
    throw new InputError(
      `--batches: expected at most ${windows.length} sequences of ${n} bytes in the held-out text, got ${count}`,
    );
  }
  return windows;
}

function hashOf(parameters: ReadonlyMap<string, Array32>, textHash: string): string {
  const hash = createHash("sha256").update(textHash);
  for (const [name, { data }] of parameters) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

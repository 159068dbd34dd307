import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Device } from "@sus/tensor";
import { InputError, reason } from "../errors.ts";
import { type AttentionRows, attentionRows } from "../model/attention-layers.ts";
import { loadModel } from "../model/model.ts";
import { openTrained } from "../run-folder/trained.ts";

/** Attention as it is in a trained model that reads a text it was not trained on, layer by layer. */
export interface RealRows extends Disposable {
  readonly layers: readonly AttentionRows[];
}

/**
 * Queries, keys, values and output gradients of an exported model on the first `length` tokens of its `held-out.txt`: one
 * sequence, shapes [1, length, heads, width of a head]. The caller disposes them.
 *
 * @param folder as `sus export` writes it, for example `models/brown-3m`.
 * @throws InputError where the folder holds no model, or a text shorter than that.
 */
export async function realRows(device: Device, folder: string, length: number): Promise<RealRows> {
  const { config, parameters } = await openTrained(folder, "realRows");
  const path = join(folder, "held-out.txt");
  const text = await readFile(path).catch((error) => {
    throw new InputError(`realRows: expected a text, got ${path}: ${reason(error)}`);
  });
  if (text.length <= length) {
    throw new InputError(`realRows: expected at most ${text.length - 1} tokens of ${path}, got ${length}`);
  }
  using model = loadModel(device, config.settings, parameters);
  const batch = {
    tokens: Uint32Array.from(text.subarray(0, length)),
    targets: Uint32Array.from(text.subarray(1, length + 1)),
  };
  const layers = attentionRows(model, batch, length);
  return {
    layers,
    [Symbol.dispose]: () => {
      for (const tensor of layers.flatMap((layer) => Object.values(layer))) tensor[Symbol.dispose]();
    },
  };
}

import type { Transformer } from "@sus/attention";
import { key } from "@sus/graph";
import { generate } from "./generate.ts";
import type { SampleSettings } from "./settings.ts";

/** The usual look-back where none is asked for: enough for a few sentences, and quick. */
const defaultWindow = 256;

/** The prompt and what a model adds to it, in pieces of whole characters. */
export async function* sampleText(model: Transformer, settings: SampleSettings): AsyncGenerator<string> {
  const { prompt, seed, window, ...options } = settings;
  const decoder = new TextDecoder();
  yield prompt;
  const bytes = generate(new TextEncoder().encode(prompt), (tokens) => nextLogits(model, tokens), {
    ...options,
    window: Math.min(window ?? defaultWindow, model.config.context),
    key: key(seed),
  });
  for await (const byte of bytes) yield decoder.decode(Uint8Array.of(byte), { stream: true });
  yield decoder.decode();
}

/** The scores of the byte after some others, by one exact forward pass. */
async function nextLogits(model: Transformer, tokens: Uint32Array): Promise<Float32Array> {
  using _ = model.device.scope();
  const logits = model.logits(model.device.tensor(tokens, [1, tokens.length])).value;
  const all = (await logits.read()) as Float32Array;
  return all.subarray(-model.config.vocabulary);
}

import { fold, independentBits, type Key, toUniform } from "@sus/graph";
import { type PickOptions, pick } from "./pick.ts";

export interface GenerateOptions extends PickOptions {
  /** Bytes to draw. */
  readonly length: number;
  /** The model sees at most so many of the last bytes. */
  readonly window: number;
  readonly key: Key;
}

/** The scores of the byte after `tokens`. */
export type NextLogits = (tokens: Uint32Array) => Promise<Float32Array>;

/** Without a prompt a text begins as if after a line break. */
const start = "\n".charCodeAt(0);

/**
 * Bytes drawn one after the other, each given all before it (at most `window`). Nothing is kept between two draws, so
 * a byte costs a whole forward pass over the window: a short window is quick, a long one remembers more.
 */
export async function* generate(
  prompt: Uint8Array,
  nextLogits: NextLogits,
  { length, window, key, ...options }: GenerateOptions,
): AsyncGenerator<number> {
  const bytes = prompt.length > 0 ? [...prompt] : [start];
  for (let drawn = 0; drawn < length; drawn++) {
    const logits = await nextLogits(Uint32Array.from(bytes.slice(-window)));
    const token = pick(logits, options, toUniform(independentBits(fold(key, 0), drawn)));
    bytes.push(token);
    yield token;
  }
}

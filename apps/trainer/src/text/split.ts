import { InputError } from "../errors.ts";

/** A stretch of the text: bytes `begin` to `end` − 1. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

export interface Split {
  readonly training: readonly Range[];
  /** Never trained on. */
  readonly heldOut: readonly Range[];
}

/** Held-out stretches are about this long: enough of them to meet every part of a long text. */
const heldOutBytes = 16_384;

/**
 * Cuts a text of `length` bytes into equal parts and holds out the last `share` of each, so that the held-out text is
 * of the same kinds as the training text. Both sides have stretches of at least `window` bytes.
 *
 * @param share in (0, 1).
 * @param window bytes that one sequence takes: the context and the byte after it.
 * @throws InputError where the text is too short for one window on each side.
 */
export function splitText(length: number, share: number, window: number): Split {
  const parts = Math.max(1, Math.floor((length * share) / Math.max(heldOutBytes, window)));
  const training: Range[] = [];
  const heldOut: Range[] = [];
  for (let part = 0; part < parts; part++) {
    const begin = Math.floor((length * part) / parts);
    const end = Math.floor((length * (part + 1)) / parts);
    const border = end - Math.max(window, Math.round((end - begin) * share));
    training.push({ begin, end: border });
    heldOut.push({ begin: border, end });
  }
  if (training.some((range) => range.end - range.begin < window)) {
    throw new InputError(
      `--context: expected at most ${Math.max(0, Math.floor(length / 2) - 1)} for a text of ${length} bytes ` +
        `(context and one byte, once to train and once held out), got ${window - 1}`,
    );
  }
  return { training, heldOut };
}

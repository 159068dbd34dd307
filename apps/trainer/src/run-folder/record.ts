import { z } from "zod";

const bitsPerByte = z.number();
const milliseconds = z.number();
const byPart = z.array(z.array(z.number()));

/** A line of `log.jsonl`: one training step. */
export const recordSchema = z.strictObject({
  /** From 1. */
  step: z.int().min(1),
  /** Mean cross-entropy of the step's batch, before its update. */
  bitsPerByte,
  /** On the held-out text after the update, where it was measured. */
  heldOut: bitsPerByte.nullable(),
  learningRate: z.number(),
  /** Of the whole gradient, before clipping. */
  gradientNorm: z.number(),
  /** Weights kept for the backward pass, a row of attention. */
  keptPerRow: z.number(),
  milliseconds: z.strictObject({
    step: milliseconds,
    /** Missing where the device could not measure its kernels. */
    attentionForward: milliseconds.optional(),
    attentionBackward: milliseconds.optional(),
    /** Of a probe after the step. */
    probe: milliseconds.optional(),
  }),
  /** With `--variance`, after some steps; each list holds, for each layer, a number a head, or one for the layer. */
  probe: z
    .strictObject({
      /** Weights kept a row. */
      kept: byPart,
      /** What the sample of the head, or layer, adds to the variance of the gradient, relative to that of the data. */
      noise: byPart,
      /** The budgets from the next step on. */
      c: byPart,
    })
    .optional(),
});

export type StepRecord = z.infer<typeof recordSchema>;

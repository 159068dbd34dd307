import { z } from "zod";
import { expectOptions, number, whole } from "../options.ts";
import { machineShape } from "../settings.ts";

const settingsSchema = z.strictObject({
  /** What the text begins with. */
  prompt: z.string(),
  /** Bytes to draw. */
  length: whole(1),
  temperature: number((value) => value >= 0, "a number of at least 0"),
  topK: whole(1),
  /** Bytes that the model looks back on; null: 256 or the run's context, the smaller one. */
  window: whole(1).nullable(),
  seed: whole(0),
  ...machineShape,
});

export type SampleSettings = z.infer<typeof settingsSchema>;

export const sampleDefaults = {
  prompt: "The ",
  length: 400,
  temperature: 0.8,
  topK: 40,
  window: null,
  seed: 1,
  device: "auto",
  threads: null,
} as const satisfies SampleSettings;

/** The settings with defaults where none is given. Throws `UsageError`, naming the option, for a value out of range. */
export function resolveSampleSettings(given: Readonly<Record<string, unknown>>): SampleSettings {
  return expectOptions(settingsSchema, { ...sampleDefaults, ...given });
}

import { z } from "zod";
import { UsageError } from "../errors.ts";
import { estimatorNames } from "../model/estimators.ts";
import { expectOptions, number, oneOf, whole } from "../options.ts";
import { machineShape } from "../settings.ts";

const splits = ["uniform", "balanced", "heads", "even"] as const;

const several = <T>(item: z.ZodType<T>, wanted: string) => z.array(item, wanted).min(1, wanted);
const positive = (wanted: string) =>
  several(
    number((value) => value > 0, wanted),
    wanted,
  );

const settingsSchema = z.strictObject({
  /** A run folder, or a file of parameters with `config.json` beside it. */
  checkpoint: z.string("the folder of a run, or a .safetensors file"),
  /** A file or folder; null: the run's own text. */
  data: z.string().nullable(),
  designs: several(oneOf(estimatorNames), `some of ${estimatorNames.join(", ")}, with commas between them`),
  /** Budgets as the designs take them. */
  c: positive("numbers above 0, with commas between them").nullable(),
  /** Budgets as entries kept a row: c is solved for. */
  kept: positive("numbers above 0, with commas between them").nullable(),
  /** How layers share what is kept, where that was asked for. */
  split: several(oneOf(splits), `some of ${splits.join(", ")}, with commas between them`),
  /** Lengths of the sequences; null: the run's. */
  context: several(whole(1), "whole numbers of at least 1, with commas between them").nullable(),
  /** Sampled gradients of each sequence. */
  draws: whole(1),
  /** Sequences that are sampled: three at least for an interval. */
  batches: whole(3),
  /** Sequences whose exact gradients give the variance of the data, those among them; null: no more than those. */
  dataBatches: whole(3).nullable(),
  /** Rounds in which the time of each cell is measured; 0: none. */
  times: whole(0),
  seed: whole(0),
  json: z.string().nullable(),
  html: z.string().nullable(),
  resume: z.boolean(),
  ...machineShape,
});

export type VarianceSettings = z.infer<typeof settingsSchema>;

export const varianceDefaults = {
  data: null,
  designs: ["paper", "bernoulli", "systematic", "priority"],
  c: null,
  kept: null,
  split: ["uniform"],
  context: null,
  draws: 4,
  batches: 8,
  dataBatches: null,
  times: 0,
  seed: 1,
  json: null,
  html: null,
  resume: false,
  device: "auto",
  threads: null,
} as const satisfies Partial<Record<keyof VarianceSettings, unknown>>;

/** The budget where neither --c nor --kept is given: the paper's. */
const paperC = 30;

/** The settings with defaults where none is given. Throws `UsageError`, naming the option, for a value out of range. */
export function resolveVarianceSettings(given: Readonly<Record<string, unknown>>): VarianceSettings {
  const settings = expectOptions(settingsSchema, { ...varianceDefaults, ...given });
  const { batches, dataBatches } = settings;
  if (dataBatches !== null && dataBatches < batches) {
    throw new UsageError(`--data-batches: expected at least --batches (${batches}), got ${dataBatches}`);
  }
  return settings.c === null && settings.kept === null ? { ...settings, c: [paperC] } : settings;
}

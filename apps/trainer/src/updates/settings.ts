import { z } from "zod";
import { UsageError } from "../errors.ts";
import { type EstimatorName, estimatorNames } from "../model/estimators.ts";
import { expectOptions, number, oneOf, whole } from "../options.ts";
import { expectFitting, resolveSettings, type Settings } from "../settings.ts";

const commas = "with commas between them";
const someDesigns = `some of ${estimatorNames.join(", ")}, ${commas}`;
const someSteps = `whole numbers of at least 1, ${commas}`;

/** A design twice would be measured twice. */
const areDifferent = (designs: readonly string[]) => new Set(designs).size === designs.length;

const planSchema = z.strictObject({
  designs: z
    .array(oneOf(estimatorNames), someDesigns)
    .min(1, someDesigns)
    .refine(areDifferent, `different ones of ${estimatorNames.join(", ")}`),
  c: number((value) => value > 0, "a number above 0"),
  /** Last steps of the windows over which is averaged; null: steps 10, 30, 60, 120 as far as there are, and the last one. */
  at: z.array(whole(1), someSteps).min(1, someSteps).nullable(),
  /** Training runs, each with its own batches and draws: two at least for an interval. */
  seeds: whole(2),
  json: z.string().nullable(),
});

export const updatesDefaults = {
  designs: ["paper", "bernoulli", "top-k"],
  c: 30,
  at: null,
  seeds: 4,
  json: null,
} as const satisfies Record<keyof z.infer<typeof planSchema>, unknown>;

/** What is measured, and how the model is trained meanwhile: exactly. */
export interface UpdatesSettings {
  readonly designs: readonly EstimatorName[];
  readonly c: number;
  /** Rising; what comes after the last one is not trained. */
  readonly at: readonly number[];
  readonly seeds: number;
  readonly json: string | null;
  readonly training: Settings;
}

/** The settings with defaults where none is given. Throws `UsageError` or `InputError`, naming the option. */
export function resolveUpdatesSettings(given: Readonly<Record<string, unknown>>): UpdatesSettings {
  const isPlan = ([field]: [string, unknown]) => field in updatesDefaults;
  const entries = Object.entries(given);
  const plan = expectOptions(planSchema, {
    ...updatesDefaults,
    ...Object.fromEntries(entries.filter(isPlan)),
  });
  const rest = resolveSettings(Object.fromEntries(entries.filter((entry) => !isPlan(entry))));
  // As if each design trained, for its own demands on c.
  for (const design of plan.designs) expectFitting({ ...rest, design, c: plan.c, exactFirst: 0 });
  const { steps } = rest;
  const at = plan.at ?? [...new Set([...[10, 30, 60, 120].filter((step) => step < steps), steps])];
  if (at.some((step, index) => step <= (at[index - 1] ?? 0) || step > steps)) {
    throw new UsageError(`--at: expected rising numbers of at most --steps (${steps}), got ${at.join()}`);
  }
  return { ...plan, at, training: { ...rest, c: "all", exactFirst: 0 } };
}

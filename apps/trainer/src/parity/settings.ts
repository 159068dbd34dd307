import { z } from "zod";
import { estimatorNames, isBiased } from "../model/estimators.ts";
import { expectOptions, number, oneOf, whole } from "../options.ts";
import { resolveSettings, type Settings, settingsSchema } from "../settings.ts";

const commas = "with commas between them";
const wholeNumbers = `whole numbers of at least 1, ${commas}`;
const someDesigns = `some of ${estimatorNames.join(", ")}, ${commas}`;

/** What is compared; how each run is made stands in its settings. */
const planSchema = z.strictObject({
  /** Orders of the batches: pairs of runs, each with its own order and draws. */
  seeds: whole(2),
  /** Sampled runs an order, each with its own draws. */
  draws: whole(1),
  designs: z.array(oneOf(estimatorNames), someDesigns).min(1, someDesigns),
  c: z
    .array(
      number((value) => value > 0, `numbers above 0, ${commas}`),
      `numbers above 0, ${commas}`,
    )
    .min(1),
  /** Sampled runs with budgets that hold so much extra variance, which begin with the first c. */
  variances: z
    .array(
      number((value) => value > 0 && value < 10, `numbers above 0 and below 10, ${commas}`),
      `numbers above 0 and below 10, ${commas}`,
    )
    .default([]),
  /** Exact runs with smaller batches, and exact runs of fewer steps: what the time or the noise would buy instead. */
  exactBatches: z.array(whole(1), wholeNumbers),
  exactSteps: z.array(whole(1), wholeNumbers),
});

/** What `parity.json` holds. */
export const paritySchema = z.strictObject({ plan: planSchema, training: settingsSchema });

export type ParitySettings = z.infer<typeof paritySchema>;
export type Plan = ParitySettings["plan"];

export const planDefaults: Plan = {
  seeds: 4,
  draws: 1,
  designs: ["paper", "bernoulli", "top-k"],
  c: [30],
  variances: [],
  exactBatches: [],
  exactSteps: [],
};

/** Splits options into what is compared and how each run is trained. Throws `UsageError`, naming the option. */
export function resolveParitySettings(given: Readonly<Record<string, unknown>>): ParitySettings {
  const entries = Object.entries(given);
  const isPlan = ([field]: [string, unknown]) => field in planDefaults;
  return {
    plan: expectOptions(planSchema, { ...planDefaults, ...Object.fromEntries(entries.filter(isPlan)) }),
    training: {
      ...resolveSettings(Object.fromEntries(entries.filter((entry) => !isPlan(entry)))),
      c: "all",
    },
  };
}

/** One way of training that is compared. */
export interface Arm {
  /** "exact", "bernoulli, c = 30", "bernoulli, variance 0.01", "exact, batch 6", "exact, 200 steps". */
  readonly name: string;
  /** What its settings differ in from those of exact training. */
  readonly change: Partial<Pick<Settings, "design" | "c" | "variance" | "batch" | "steps" | "warmUp">>;
}

/** The arm that all others are compared with. */
export const exactArm: Arm = { name: "exact", change: {} };

/** All arms of a plan, exact training first. Settings that an arm changes keep their proportions: a shorter run warms up less. */
export function armsOf({ plan, training }: ParitySettings): Arm[] {
  return [
    exactArm,
    ...plan.c.flatMap((c) =>
      plan.designs.map((design) => ({ name: `${design}, c = ${c}`, change: { design, c } })),
    ),
    ...plan.variances.flatMap((variance) =>
      plan.designs
        .filter((design) => !isBiased(design))
        .map((design) => ({
          name: `${design}, variance ${variance}`,
          change: { design, c: plan.c[0]!, variance },
        })),
    ),
    ...plan.exactBatches.map((batch) => ({ name: `exact, batch ${batch}`, change: { batch } })),
    ...plan.exactSteps.map((steps) => ({
      name: `exact, ${steps} steps`,
      change: { steps, warmUp: Math.round((training.warmUp * steps) / training.steps) },
    })),
  ];
}

/** One run of an arm. */
export interface PlannedRun {
  readonly arm: Arm;
  /** From 1: runs of one order see the same batches. */
  readonly order: number;
  /** From 1: runs of one order and draw differ in their arms only. */
  readonly draw: number;
  /** Where it goes, below the folder of the whole. */
  readonly folder: string;
  readonly settings: Settings;
}

/** All runs, order by order, so that what is there at any time is balanced. */
export function runsOf(settings: ParitySettings): PlannedRun[] {
  const { plan, training } = settings;
  const count = (length: number) => Array.from({ length }, (_, i) => i + 1);
  return count(plan.seeds).flatMap((order) =>
    armsOf(settings).flatMap((arm) =>
      count(arm.change.c === undefined ? 1 : plan.draws).map((draw) => ({
        ...{ arm, order, draw },
        folder: `${arm.name.replace(/,? (= )?/g, "-")}/${order}-${draw}`,
        settings: {
          ...training,
          ...(arm.change.c === undefined ? { exactFirst: 0 } : {}),
          ...arm.change,
          batchSeed: training.seed + order,
          sampleSeed: training.seed + (order - 1) * plan.draws + draw,
        },
      })),
    ),
  );
}

import { z } from "zod";
import { probeSteps } from "./budgets/schedule.ts";
import { InputError } from "./errors.ts";
import { estimatorNames, isBiased, takesWholeBudgets } from "./model/estimators.ts";
import { expectOptions, number, oneOf, optionName, whole } from "./options.ts";

export const positionKinds = ["rotary", "learned"] as const;
export const activations = ["gelu", "swiglu"] as const;
export const norms = ["rms", "layer"] as const;
export const devices = ["auto", "wasm", "webgpu"] as const;

/** What computes: may differ between a run and its continuation, since it does not change the results. */
export const machineShape = {
  device: oneOf(devices),
  /** Null: as many as the device thinks best. */
  threads: whole(1).nullable(),
};

/**
 * Everything that decides a run, in the names of the command's options. One schema checks the command line and
 * `config.json`.
 */
export const settingsSchema = z.strictObject({
  /** A file or folder; null is the Brown corpus. */
  data: z.string().nullable(),
  /** The folder of a run or of an exported model whose weights it starts with; null: fresh ones. */
  start: z.string().nullable().default(null),
  /** Tokens in a sequence. */
  context: whole(1),
  /** Kept weights a row of attention, or all of them: the exact backward pass. */
  c: z.union(
    [number((value) => value > 0, "a number above 0"), z.literal("all")],
    'a number above 0 or "all"',
  ),
  design: oneOf(estimatorNames),
  /**
   * Steps with the exact gradient before sampling begins. The first steps' queries and keys have hardly a gradient, and what
   * sampling adds to it is many times its variance.
   */
  exactFirst: whole(0).default(0),
  /** Share of variance that sampling may add to the gradient, for which each head's c is set; null: c stays. */
  variance: number((value) => value > 0 && value < 10, "a number above 0 and below 10")
    .nullable()
    .default(null),
  layers: whole(1),
  heads: whole(1),
  keyValueHeads: whole(1),
  width: whole(1),
  hidden: whole(1),
  positions: oneOf(positionKinds),
  activation: oneOf(activations),
  norm: oneOf(norms),
  /** Sequences in a step. */
  batch: whole(1),
  steps: whole(1),
  /** The largest one, after the warm-up. */
  learningRate: number((value) => value > 0, "a number above 0"),
  /** Steps in which the learning rate rises from 0. */
  warmUp: whole(0),
  /** AdamW's, on matrices only. */
  weightDecay: number((value) => value >= 0, "a number of at least 0"),
  /** The largest norm of the whole gradient. */
  clip: number((value) => value > 0, "a number above 0"),
  seed: whole(0),
  /** Of the order of the batches, and of sampled gradients; null: those of `seed`. */
  batchSeed: whole(0).nullable().default(null),
  sampleSeed: whole(0).nullable().default(null),
  /** Share of the text that is never trained on. */
  heldOut: number((value) => value > 0 && value < 1, "a number between 0 and 1"),
  /** Held-out sequences in an evaluation. */
  evaluateOn: whole(1),
  /** Steps between evaluations and between checkpoints. */
  evaluateEvery: whole(1),
  checkpointEvery: whole(1),
  /** Compute the MLPs twice instead of holding what is inside them: less memory, the same bits. */
  recompute: z.boolean(),
  ...machineShape,
});

export type Settings = z.infer<typeof settingsSchema>;

/** About 0.8 million parameters, and some two minutes of training on two cores. */
export const defaults = {
  data: null,
  start: null,
  context: 2048,
  c: 30,
  design: "bernoulli",
  variance: null,
  layers: 4,
  heads: 4,
  width: 128,
  positions: "rotary",
  activation: "gelu",
  norm: "rms",
  batch: 1,
  steps: 550,
  learningRate: 3e-3,
  weightDecay: 0.1,
  clip: 1,
  seed: 1,
  batchSeed: null,
  sampleSeed: null,
  heldOut: 0.05,
  evaluateOn: 16,
  evaluateEvery: 50,
  checkpointEvery: 50,
  recompute: false,
  device: "auto",
  threads: null,
} as const satisfies Partial<Settings>;

/** The settings with defaults where none is given. Throws `UsageError`, naming the option, for a value out of range. */
export function resolveSettings(given: Readonly<Record<string, unknown>>): Settings {
  const settings = { ...defaults, ...given };
  const { activation, heads, steps, width }: Record<string, unknown> = settings;
  return expectOptions(settingsSchema, {
    keyValueHeads: heads,
    hidden: defaultHidden(Number(width), activation),
    warmUp: Math.ceil(Number(steps) / 10),
    exactFirst: defaultExactFirst(settings),
    ...settings,
  });
}

/** What it takes for queries and keys to matter (docs/evidence.md); in weights that were trained they do. */
function defaultExactFirst({ c, start, steps }: Readonly<Record<string, unknown>>): number {
  if (c === "all" || start !== null) return 0;
  return Math.max(0, Math.min(60, Math.floor(Number(steps) / 4)) || 0);
}

/** As many weights with either: SwiGLU has three matrices where GELU has two. */
function defaultHidden(width: number, activation: unknown): number {
  return activation === "swiglu" ? Math.ceil(width / 3) * 8 : 4 * width;
}

/** Throws `InputError`, naming the option, where settings that are right one by one do not fit together. */
export function expectFitting(settings: Settings): void {
  const { c, design, exactFirst, heads, keyValueHeads, positions, variance, width, warmUp, steps } = settings;
  expectMultiple("width", width, "heads", heads);
  expectMultiple("heads", heads, "keyValueHeads", keyValueHeads);
  if (positions === "rotary" && (width / heads) % 2 !== 0) {
    throw new InputError(
      `--width: expected an even width a head for rotary positions, got ${width / heads} ` +
        `(--width ${width} / --heads ${heads}); --positions learned takes any`,
    );
  }
  if (takesWholeBudgets(design) && c !== "all" && !Number.isInteger(c)) {
    throw new InputError(`--c: expected a whole number for --design ${design}, got ${c}`);
  }
  if (variance !== null && (c === "all" || isBiased(design))) {
    const got = c === "all" ? "--c all" : `--design ${design}`;
    throw new InputError(`--variance: expected a sampled gradient, whose variance can be set, got ${got}`);
  }
  if (c !== "all" && exactFirst >= steps) {
    throw new InputError(
      `--exact-first: expected fewer than --steps (${steps}), so that some are sampled, got ${exactFirst}; --c all samples none`,
    );
  }
  if (variance !== null && probeSteps(settings).length === 0) {
    throw new InputError(
      `--variance: expected a run long enough for a probe at under 2 % of its time, got ${steps} steps of batch ` +
        `${settings.batch}; more --steps or a larger --batch allow one`,
    );
  }
  if (warmUp > steps) {
    throw new InputError(`--warm-up: expected at most --steps (${steps}), got ${warmUp}`);
  }
}

function expectMultiple(field: keyof Settings, value: number, of: keyof Settings, divisor: number): void {
  if (value % divisor === 0) return;
  throw new InputError(
    `${optionName(field)}: expected a multiple of ${optionName(of)} (${divisor}), got ${value}`,
  );
}

import type { Estimator } from "@sus/attention";

type Sampled = Exclude<Estimator, { readonly c: "all" }>;

/** What decides how many entries a budget c keeps of a row of weights w. */
export type Keeping =
  /** An entry stays with the probability min(1, c·w). */
  | "rule"
  /** The row keeps c, or all that it has. */
  | "cap"
  /** The rows of a layer keep c on average, out of what a first stage with the rule and oversample·c kept. */
  | "thinned";

/** What a name on the command line stands for. */
interface Named extends Pick<Sampled, "design" | "baseline" | "factor"> {
  readonly keeps: Keeping;
  /** Whether it is wrong on average: a control, whose variance says nothing. */
  readonly biased?: true;
}

/**
 * The estimators by name. Each design samples dV above a baseline unless it is plain, dQ and dK too where it ends in
 * "-all"; "paper" is the paper's rule,
 * bernoulli without a baseline; "two-stage-full" weighs each entry by what it adds to all three gradients, "two-stage" by
 * its row's part alone; "top-k" keeps the largest weights as they are, a biased control for experiments.
 */
const named = {
  bernoulli: { design: "bernoulli", keeps: "rule" },
  systematic: { design: "systematic", keeps: "rule" },
  priority: { design: "priority", keeps: "cap" },
  "bernoulli-all": { design: "bernoulli", baseline: "all", keeps: "rule" },
  "systematic-all": { design: "systematic", baseline: "all", keeps: "rule" },
  "two-stage": { design: "two-stage", factor: "row", keeps: "thinned" },
  "two-stage-full": { design: "two-stage", factor: "full", keeps: "thinned" },
  "two-stage-all": { design: "two-stage", factor: "full", baseline: "all", keeps: "thinned" },
  paper: { design: "bernoulli", baseline: false, keeps: "rule" },
  "plain-systematic": { design: "systematic", baseline: false, keeps: "rule" },
  "plain-priority": { design: "priority", baseline: false, keeps: "cap" },
  "top-k": { design: "top-k", keeps: "cap", biased: true },
} as const satisfies Record<string, Named>;

export type EstimatorName = keyof typeof named;

export const estimatorNames: readonly EstimatorName[] = Object.keys(named) as EstimatorName[];

/** How much more than c the first stage of a two-stage design asks for, where nothing else is said. */
export const defaultOversample = 3;

/** The estimator of this name with these budgets and keys. */
export function estimatorOf(
  name: EstimatorName,
  c: Sampled["c"],
  key: Sampled["key"],
  oversample: number = defaultOversample,
): Estimator {
  const { design, baseline, factor, keeps }: Named = named[name];
  return {
    ...{ c, key, design: design! },
    ...(baseline === undefined ? {} : { baseline }),
    ...(factor === undefined ? {} : { factor }),
    ...(keeps === "thinned" ? { oversample } : {}),
  };
}

export function keepingOf(name: EstimatorName): Keeping {
  return named[name].keeps;
}

/** Whether its budget counts entries, so that it has to be a whole number. */
export function takesWholeBudgets(name: EstimatorName): boolean {
  return named[name].keeps === "cap";
}

export function isBiased(name: EstimatorName): boolean {
  const { biased }: Named = named[name];
  return biased === true;
}

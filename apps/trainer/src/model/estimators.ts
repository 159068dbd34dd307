import type { Estimator } from "@sus/attention";

type Sampled = Exclude<Estimator, { readonly c: "all" }>;

/** What a name on the command line stands for. */
interface Named extends Pick<Sampled, "design" | "baseline"> {
  /** Whether its budget counts entries, so that it has to be a whole number. */
  readonly whole: boolean;
  /** Whether it is wrong on average: a control, whose variance says nothing. */
  readonly biased?: true;
}

/**
 * The estimators by name. Each design samples dV above a baseline unless it is plain; "paper" is the paper's rule,
 * bernoulli without a baseline; "top-k" keeps the largest weights as they are, a biased control for experiments.
 */
const named = {
  bernoulli: { design: "bernoulli", whole: false },
  systematic: { design: "systematic", whole: false },
  priority: { design: "priority", whole: true },
  paper: { design: "bernoulli", baseline: false, whole: false },
  "plain-systematic": { design: "systematic", baseline: false, whole: false },
  "plain-priority": { design: "priority", baseline: false, whole: true },
  "top-k": { design: "top-k", whole: true, biased: true },
} as const satisfies Record<string, Named>;

export type EstimatorName = keyof typeof named;

export const estimatorNames: readonly EstimatorName[] = Object.keys(named) as EstimatorName[];

/** The estimator of this name with these budgets and keys. */
export function estimatorOf(name: EstimatorName, c: Sampled["c"], key: Sampled["key"]): Estimator {
  const { design, baseline }: Named = named[name];
  return { c, key, design: design!, ...(baseline === undefined ? {} : { baseline }) };
}

export function takesWholeBudgets(name: EstimatorName): boolean {
  return named[name].whole;
}

export function isBiased(name: EstimatorName): boolean {
  const { biased }: Named = named[name];
  return biased === true;
}

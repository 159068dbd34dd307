import { takesWholeBudgets } from "../model/estimators.ts";
import type { StepRecord } from "../run-folder/record.ts";
import type { Settings } from "../settings.ts";
import { adjust, type Budgets, type Measurement } from "./controller.ts";
import { passesOf } from "./probe.ts";

/** What a probe found, and the budgets that follow from it, as the log has it. */
export type ProbeRecord = NonNullable<StepRecord["probe"]>;

/**
 * Probes take at most this share of the passes of training: under 2 % of the time, since one sequence alone takes half as
 * long again as its share of a batch.
 */
const largestShare = 0.0125;
/** Fewer are not worth the bookkeeping. */
const leastKept = 4;

/**
 * Holds the extra variance of a run with `--variance` by giving each layer its own budget. Its state follows from the
 * probes in the log, so a run that was stopped goes on with the budgets it had.
 */
export class BudgetKeeper {
  readonly #settings: Settings;
  readonly #target: number;
  #budgets: Budgets;
  #c: readonly number[];

  private constructor(settings: Settings, target: number, start: number) {
    this.#settings = settings;
    this.#target = target;
    this.#c = new Array<number>(settings.layers).fill(start);
    this.#budgets = { kept: this.#c, logStrengths: null };
  }

  /** Begins with `--c` in all layers and takes the probes of these records. Null for a run without `--variance`. */
  static of(settings: Settings, records: readonly StepRecord[]): BudgetKeeper | null {
    const { variance, c } = settings;
    if (variance === null || c === "all") return null;
    const keeper = new BudgetKeeper(settings, variance, c);
    for (const { probe } of records) if (probe !== undefined) keeper.add(probe);
    return keeper;
  }

  /** The budget of each layer. */
  get c(): readonly number[] {
    return this.#c;
  }

  /** Whether a probe follows this step: as often as the largest share of the passes allows. */
  isDue(step: number): boolean {
    return step % probeInterval(this.#settings) === 0;
  }

  /** Takes what a probe found with the present budgets, and sets new ones. Returns what the log has to hold. */
  add({ kept, noise }: Measurement): ProbeRecord {
    const { context, design } = this.#settings;
    const most = (context + 1) / 4;
    const bounds = { least: Math.min(leastKept, most), most };
    // What was found to be kept counts, not what was wanted: c keeps less the more peaked a row is.
    this.#budgets = adjust({ ...this.#budgets, kept }, { kept, noise }, { target: this.#target, bounds });
    this.#c = this.#c.map((c, layer) => {
      const wanted = (c * this.#budgets.kept[layer]!) / kept[layer]!;
      return takesWholeBudgets(design) ? Math.max(1, Math.round(wanted)) : wanted;
    });
    return { kept: [...kept], noise: [...noise], c: [...this.#c] };
  }
}

/** Steps between probes. */
export function probeInterval({ layers, batch }: Pick<Settings, "layers" | "batch">): number {
  return Math.ceil(passesOf(layers) / (largestShare * batch));
}

import { takesWholeBudgets } from "../model/estimators.ts";
import type { StepRecord } from "../run-folder/record.ts";
import type { Settings } from "../settings.ts";
import { adjust, type Budgets } from "./controller.ts";
import { type ByPart, inParts, mapParts, partsOf, uniformParts } from "./parts.ts";
import type { Probed } from "./probe.ts";
import { probeSteps } from "./schedule.ts";

/** What a probe found, and the budgets that follow from it, as the log has it. */
export type ProbeRecord = NonNullable<StepRecord["probe"]>;

/** A row that keeps fewer has hardly a gradient left. */
const leastKept = 1;

/**
 * Holds the extra variance of a run with `--variance` by giving each layer, or each head of it, its own budget. Its state
 * follows from the probes in the log, so a run that was stopped goes on with the budgets it had.
 */
export class BudgetKeeper {
  readonly #settings: Settings;
  readonly #target: number;
  readonly #due: ReadonlySet<number>;
  #budgets: Budgets;
  #c: ByPart;

  private constructor(settings: Settings, target: number, start: number) {
    this.#settings = settings;
    this.#target = target;
    this.#due = new Set(probeSteps(settings));
    this.#c = uniformParts(start, settings.layers, partsOf(settings.design, settings.heads));
    this.#budgets = { kept: this.#c.flat(), logStrengths: null };
  }

  /** Begins with `--c` everywhere and takes the probes of these records. Null for a run without `--variance`. */
  static of(settings: Settings, records: readonly StepRecord[]): BudgetKeeper | null {
    const { variance, c } = settings;
    if (variance === null || c === "all") return null;
    const keeper = new BudgetKeeper(settings, variance, c);
    for (const { probe } of records) if (probe !== undefined) keeper.add(probe);
    return keeper;
  }

  /** The budget of each part. */
  get c(): ByPart {
    return this.#c;
  }

  /** Whether a probe follows this step. */
  isDue(step: number): boolean {
    return this.#due.has(step);
  }

  /** Takes what a probe found with the present budgets, and sets new ones. Returns what the log has to hold. */
  add(found: Probed): ProbeRecord {
    const { context, design } = this.#settings;
    const most = (context + 1) / 4;
    const bounds = { least: Math.min(leastKept, most), most };
    // What was found to be kept counts, not what was wanted: c keeps less the more peaked a row is.
    const [kept, noise] = [found.kept.flat(), found.noise.flat()];
    this.#budgets = adjust({ ...this.#budgets, kept }, { kept, noise }, { target: this.#target, bounds });
    const wanted = inParts(this.#budgets.kept, this.#c);
    this.#c = mapParts((c, layer, part) => {
      const exact = (c * wanted[layer]![part]!) / found.kept[layer]![part]!;
      return takesWholeBudgets(design) ? Math.max(1, Math.round(exact)) : exact;
    }, this.#c);
    return { kept: copyOf(found.kept), noise: copyOf(found.noise), c: copyOf(this.#c) };
  }
}

function copyOf(parts: ByPart): number[][] {
  return parts.map((layer) => [...layer]);
}

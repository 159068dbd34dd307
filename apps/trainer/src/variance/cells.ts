import { InputError } from "../errors.ts";
import { takesWholeBudgets } from "../model/estimators.ts";
import type { VarianceSettings } from "./settings.ts";

/** One thing to measure. */
export interface Cell {
  readonly design: VarianceSettings["designs"][number];
  readonly n: number;
  readonly asked: { readonly by: "c" | "kept"; readonly value: number };
  /**
   * How the layers share what is kept: alike, so that the noise of the whole gradient is least, the same with a share for
   * each head, or so that the worst of the layers' query and key matrices has least, relative to its own variance.
   */
  readonly split: VarianceSettings["split"][number];
}

/**
 * All cells that the settings ask for, one length after the other: what is exact is measured once a length. Budgets given
 * as c are the same for all layers.
 */
export function cellsOf(settings: VarianceSettings, context: number): Cell[] {
  const budgets = [
    ...(settings.c ?? []).map((value) => ({ asked: { by: "c", value }, splits: ["uniform"] }) as const),
    ...(settings.kept ?? []).map(
      (value) => ({ asked: { by: "kept", value }, splits: settings.split }) as const,
    ),
  ];
  return (settings.context ?? [context]).flatMap((n) =>
    budgets.flatMap(({ asked, splits }) =>
      settings.designs.flatMap((design) => splits.map((split) => ({ design, n, asked, split }))),
    ),
  );
}

/** "kept=30", as the rows have it. */
export function askedName({ asked: { by, value } }: Cell): string {
  return `${by}=${value}`;
}

/** "bernoulli", or "bernoulli, balanced". */
export function designName({ design, split }: Cell): string {
  return split === "uniform" ? design : `${design}, ${split}`;
}

/** Throws `InputError` for a budget that its design or the length does not allow. */
export function expectReachable({ design, n, asked: { by, value } }: Cell): void {
  if (by === "kept" && value >= (n + 1) / 2) {
    throw new InputError(
      `--kept: expected fewer than the ${(n + 1) / 2} keys of a row of ${n} on average, got ${value}`,
    );
  }
  if (by === "c" && takesWholeBudgets(design) && !Number.isInteger(value)) {
    throw new InputError(`--c: expected whole numbers for the design ${design}, got ${value}`);
  }
}

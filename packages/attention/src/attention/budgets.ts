import type { DesignName, Key } from "@sus/graph";
import { ShapeError } from "@sus/tensor";

/** One budget for all query heads, or one for each, where "all" makes the backward pass of a head exact. */
export type HeadBudgets = number | readonly (number | "all")[];

/** A sample of one stage with the budget of each query head, 0 where nothing is to be drawn. */
export interface HeadSample {
  readonly design: DesignName;
  readonly budgets: readonly number[];
  readonly key: Key;
  readonly baseline?: boolean | "all";
}

/** Throws ShapeError unless there is a budget for each query head, and it means something. */
export function expectBudgets(operation: string, c: HeadBudgets, queryHeads: number, whole: boolean): void {
  if (typeof c !== "number" && c.length !== queryHeads) {
    throw new ShapeError(`${operation}: expected c for each of ${queryHeads} query heads, got ${c.length}`);
  }
  for (const budget of typeof c === "number" ? [c] : c) {
    if (typeof c !== "number" && budget === "all") continue;
    if (!(typeof budget === "number" && budget > 0 && budget < Infinity)) {
      throw new ShapeError(`${operation}: expected c above 0 and finite, got ${budget}`);
    }
    if (whole && !Number.isInteger(budget)) {
      throw new ShapeError(`${operation}: expected a whole number c for priority, got ${budget}`);
    }
  }
}

/** The budget of each query head times `factor`, 0 for the exact ones. */
export function budgetsOf(c: HeadBudgets, queryHeads: number, factor = 1): number[] {
  if (typeof c === "number") return new Array<number>(queryHeads).fill(factor * c);
  return c.map((budget) => (budget === "all" ? 0 : factor * budget));
}

/** The query heads, of others that are sampled, whose backward pass is exact. */
export function exactHeadsOf(c: HeadBudgets | "all"): number[] {
  return typeof c === "number" || c === "all"
    ? []
    : c.flatMap((budget, head) => (budget === "all" ? [head] : []));
}

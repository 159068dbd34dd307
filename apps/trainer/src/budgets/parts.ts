import { type EstimatorName, isBiased, keepingOf } from "../model/estimators.ts";

/**
 * A number for each part that has a budget of its own, by layer: for each of its query heads, or one for the whole layer
 * where the design takes one budget for it.
 */
export type ByPart = readonly (readonly number[])[];

/**
 * How many parts of a layer have budgets. The second stage of "two-stage" shares its layer's budget out over all rows of
 * all heads already, by what each entry adds to the noise.
 */
export function partsOf(name: EstimatorName, heads: number): number {
  return keepingOf(name) === "thinned" || isBiased(name) ? 1 : heads;
}

/** The same for every part. */
export function uniformParts(value: number, layers: number, parts: number): ByPart {
  return Array.from({ length: layers }, () => new Array<number>(parts).fill(value));
}

export function mapParts(of: (value: number, layer: number, part: number) => number, parts: ByPart): ByPart {
  return parts.map((layer, l) => layer.map((value, part) => of(value, l, part)));
}

/** Numbers in one list, in the order of `like.flat()`, by layer and part again. */
export function inParts(flat: readonly number[], like: ByPart): ByPart {
  let next = 0;
  return mapParts(() => flat[next++]!, like);
}

/** As an estimator takes budgets: by layer, a list where its heads differ. */
export function layerBudgets(c: ByPart): (number | readonly number[])[] {
  return c.map((layer) => (layer.length === 1 ? layer[0]! : layer));
}

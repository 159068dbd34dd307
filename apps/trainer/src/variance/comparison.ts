import type { Interval } from "../statistics/interval.ts";
import { varianceRatio } from "./relative-variance.ts";
import type { Row } from "./results.ts";

/**
 * The variance of a cell over that of another design at the same length and budget, batch by batch, with an interval.
 * Null for the design itself and where the other was not measured. Fair where the budget was asked for as kept entries.
 */
export function relativeToOther(rows: readonly Row[], all: Row, design: string): Interval | null {
  if (all.design === design || all.distances === null) return null;
  const other = rows.find(
    (row) => row.group === "all" && row.design === design && row.n === all.n && row.asked === all.asked,
  );
  if (!other?.distances?.some((square) => square > 0)) return null;
  return varianceRatio(all.distances, other.distances);
}

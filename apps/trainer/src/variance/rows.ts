import type { Interval } from "../statistics/interval.ts";
import type { Concentration } from "./concentration.ts";
import type { Sampled } from "./measure.ts";
import type { Group, Partition } from "./partition.ts";
import { biasShare, biasSlope, relativeVariance } from "./relative-variance.ts";
import type { Row } from "./results.ts";

/** What is the same in all rows of a cell. */
export type CellFacts = Pick<Row, "design" | "n" | "asked" | "draws" | "batches" | "fingerprint">;

/** The rows of one cell with mean budget c: a row a group whose gradient varies from batch to batch. */
export function rowsOf(
  facts: CellFacts,
  c: number,
  { groups }: Partition,
  { groups: distances, kept }: Sampled,
  concentrations: readonly Concentration[],
): Row[] {
  return groups.flatMap((group, index) => {
    const found = relativeVariance(distances[index]!);
    if (found === null) return [];
    const { value, standardError, low, high } = found;
    const isHead = group.head !== null && group.part === null;
    const isLayer = group.layer !== null && group.head === null && group.part === null;
    const concentration = isHead
      ? concentrations.find(({ layer, head }) => layer === group.layer && head === group.head)
      : undefined;
    const slope = group.head === null ? biasSlope(distances[index]!) : null;
    const share = group.head === null ? biasShare(distances[index]!) : null;
    return {
      ...{ design: facts.design, n: facts.n, kept: short(kept.perRow()) },
      ...{
        relativeVariance: short(value),
        standardError: short(standardError),
        low: short(low),
        high: short(high),
      },
      ...placeOf(group),
      ...{ asked: facts.asked, c: short(c) },
      groupKept: isLayer || isHead ? short(kept.perRow(group.layer, group.head)) : null,
      effectiveKeys: concentration === undefined ? null : short(concentration.effectiveKeys),
      entropy: concentration === undefined ? null : short(concentration.entropy),
      biasSlope: triple(slope),
      biasShare: triple(share),
      distances: group.name === "all" ? distances[index]!.sampling[0]!.map(short) : null,
      ...{ draws: facts.draws, batches: facts.batches, fingerprint: facts.fingerprint },
    };
  });
}

function placeOf({ name, part, layer, head }: Group): Pick<Row, "group" | "part" | "layer" | "head"> {
  return { group: name, part, layer, head };
}

function triple(interval: Interval | null): [number, number, number] | null {
  return interval === null ? null : [short(interval.value), short(interval.low), short(interval.high)];
}

/** Five digits: more than any of these numbers is known to. */
function short(value: number): number {
  return Number(value.toPrecision(5));
}

import type { Group, Partition } from "../model/partition.ts";
import type { Interval } from "../statistics/interval.ts";
import type { Concentration } from "./concentration.ts";
import type { KeptCounts, Sampled } from "./measure.ts";
import { biasShare, biasSlope, relativeVariance } from "./relative-variance.ts";
import type { Row } from "./results.ts";
import type { TimeShares } from "./times.ts";

/** What is the same in all rows of a cell. */
export type CellFacts = Pick<
  Row,
  "design" | "n" | "asked" | "draws" | "batches" | "dataBatches" | "fingerprint"
> & { readonly times: TimeShares | null; readonly loss: number };

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
      groupKept: isLayer || isHead ? shortOrNull(keptOf(kept, group)) : null,
      effectiveKeys: concentration === undefined ? null : short(concentration.effectiveKeys),
      entropy: concentration === undefined ? null : short(concentration.entropy),
      biasSlope: triple(slope),
      biasShare: triple(share),
      distances: group.name === "all" ? distances[index]!.sampling[0]!.map(short) : null,
      times: group.name === "all" ? shortTimes(facts.times) : null,
      loss: group.name === "all" ? short(facts.loss) : null,
      ...{ draws: facts.draws, batches: facts.batches, dataBatches: facts.dataBatches },
      fingerprint: facts.fingerprint,
    };
  });
}

function keptOf(kept: KeptCounts, { layer, head }: Group): number | null {
  return head === null ? kept.perRow(layer) : kept.perRowOfHead(layer!, head);
}

function shortTimes(times: TimeShares | null): Row["times"] {
  if (times === null) return null;
  return {
    ...{ forward: short(times.forward), backward: short(times.backward), share: short(times.share) },
    exactMilliseconds: short(times.exactMilliseconds),
  };
}

function shortOrNull(value: number | null): number | null {
  return value === null ? null : short(value);
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

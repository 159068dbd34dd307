import { varianceRatio } from "../variance/relative-variance.ts";
import { percent } from "../variance/table.ts";
import { cellsOf, type Measured, type VarianceRecord, worstOf } from "./records.ts";
import { table, unique } from "./tables.ts";

interface Finding {
  readonly got: string;
  /** Null: the numbers are not known well enough to tell. */
  readonly met: boolean | null;
}

interface Target {
  readonly wanted: string;
  /** Null: not measured. */
  readonly judge: (cells: readonly Measured[]) => Finding | null;
}

/** Every design but the control, which is biased, and the paper's rule, which the others are held against. */
const isOurs = ({ all }: Measured) => all.design !== "top-k" && all.design !== "paper";

const at = (n: number, asked: string) => (measured: Measured) =>
  measured.all.n === n && measured.all.asked === asked;

/** The targets of the evidence: what is to be reached, and what the records say. */
const targets: readonly Target[] = [
  noiseTarget("about 30 kept, n = 2048, best design: variance ≤ 0.7 %", 2048, "kept=30", 0.007),
  noiseTarget("64 kept, n = 2048, best design: variance ≤ 0.25 %", 2048, "kept=64", 0.0025),
  {
    wanted: "the same over the paper's rule at equal kept entries ≤ 0.4",
    judge: (cells) => {
      const here = cells.filter(at(2048, "kept=30"));
      const best = bestOf(here.filter(isOurs));
      const paper = here.find(({ all }) => all.design === "paper");
      if (best?.all.distances === undefined || paper?.all.distances === undefined) return null;
      const { value, low, high } = varianceRatio(best.all.distances, paper.all.distances);
      const range = `${low.toFixed(2)} … ${high.toFixed(2)}`;
      return { got: `${value.toFixed(2)} (${range}), ${best.all.design}`, met: value <= 0.4 };
    },
  },
  {
    wanted: "no rise from n = 2048 to 8192 at 30 kept, same design",
    judge: (cells) => {
      const best = bestOf(cells.filter(isOurs).filter(at(2048, "kept=30")));
      const long = cells.find(
        ({ all }) => all.design === best?.all.design && at(8192, "kept=30")({ all, cell: [] }),
      );
      if (best === undefined || long === undefined) return null;
      const [short, other] = [best.all, long.all];
      const got = `${percent(short.relativeVariance)} → ${percent(other.relativeVariance)}, ${short.design}`;
      const rises = other.relativeVariance > short.relativeVariance;
      return { got, met: !rises ? true : other.low > short.high ? false : null };
    },
  },
  {
    wanted: "worst part of a layer at n = 512, about 30 kept, best design ≤ 10 %",
    judge: (cells) => {
      const worst = cells
        .filter(isOurs)
        .filter(at(512, "kept=30"))
        .map(({ all, cell }) => ({ design: all.design, worst: worstOf(cell)! }))
        .sort((a, b) => a.worst.relativeVariance - b.worst.relativeVariance)[0];
      if (worst === undefined) return null;
      const { relativeVariance, group } = worst.worst;
      return { got: `${percent(relativeVariance)}, ${group}, ${worst.design}`, met: relativeVariance <= 0.1 };
    },
  },
  timeTarget(2048, 0.4),
  timeTarget(8192, 0.18),
];

function noiseTarget(wanted: string, n: number, asked: string, most: number): Target {
  return {
    wanted,
    judge: (cells) => {
      const best = bestOf(cells.filter(isOurs).filter(at(n, asked)));
      if (best === undefined) return null;
      const { relativeVariance, low, high, design, kept } = best.all;
      const got = `${percent(relativeVariance)} (${percent(low)} … ${percent(high)}), ${design}, ${kept.toFixed(1)} kept`;
      return { got, met: relativeVariance <= most };
    },
  };
}

/** The cheapest way to at most 0.7 % of extra variance, whatever the budget. */
function timeTarget(n: number, most: number): Target {
  return {
    wanted: `(B − A + C)/A at n = ${n} with ≤ 0.7 % extra variance ≤ ${most}`,
    judge: (cells) => {
      const timed = cells.filter(isOurs).filter(({ all }) => all.n === n && all.times !== undefined);
      const quiet = timed.filter(({ all }) => all.relativeVariance <= 0.007);
      // Where nothing is quiet enough, the quietest says how far that is.
      const best = quiet.toSorted((a, b) => a.all.times!.share - b.all.times!.share)[0] ?? bestOf(timed);
      if (best === undefined) return null;
      const { times, design, kept, relativeVariance } = best.all;
      const got = `${times!.share.toFixed(2)} at ${percent(relativeVariance)}, ${design}, ${kept.toFixed(0)} kept`;
      return { got, met: quiet.length > 0 && times!.share <= most };
    },
  };
}

function verdict({ met }: Finding): string {
  if (met === null) return "undecided";
  return met ? "met" : "**not met**";
}

/** The design of least variance. */
function bestOf(cells: readonly Measured[]): Measured | undefined {
  return cells.toSorted((a, b) => a.all.relativeVariance - b.all.relativeVariance)[0];
}

/** A line a target, a column a model. */
export function targetTable(records: readonly VarianceRecord[]): string {
  const cells = cellsOf(records);
  const models = unique(cells.map(({ all }) => all.model));
  const rows = targets.map(({ wanted, judge }) => [
    wanted,
    ...models.map((model) => {
      const found = judge(cells.filter(({ all }) => all.model === model));
      return found === null ? "not measured yet" : `${verdict(found)}: ${found.got}`;
    }),
  ]);
  return table(["target", ...models], rows);
}

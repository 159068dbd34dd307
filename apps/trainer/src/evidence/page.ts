import { InputError } from "../errors.ts";
import { formatDifference } from "../parity/table.ts";
import { percent } from "../variance/table.ts";
import { gapChart, keptChart, layerChart, lengthChart, planeChart } from "./charts.ts";
import {
  bySplit,
  cellsOf,
  type ParityRecord,
  planeOf,
  type UpdateRecord,
  type VarianceRecord,
  worstOf,
} from "./records.ts";
import {
  biasTable,
  budgetTable,
  headTable,
  isAt,
  layerTable,
  lossTable,
  parityTable,
  timeTable,
  updateTable,
  varianceTable,
} from "./tables.ts";
import { targetTable } from "./targets.ts";

/** All that was measured. */
export interface Evidence {
  readonly variance: readonly VarianceRecord[];
  readonly parity: readonly ParityRecord[];
  readonly updates: readonly UpdateRecord[];
}

export interface EvidencePage {
  readonly markdown: string;
  /** SVG documents by file name. */
  readonly charts: ReadonlyMap<string, string>;
}

export const notMeasured = "_Not measured yet._";

/** Where tables and charts look closer. */
const [detailLength, detailBudget] = [2048, "kept=30"];

/**
 * The page: the template with its marks replaced. `{{targets}}` and the other names of `sections` stand for tables and
 * plots; `{{variance model design n kept}}`, `{{worst …}}`, `{{time …}}` and `{{kept …}}` for one number of a cell, and
 * `{{gap comparison arm}}` for the last difference of an arm to exact training, `{{gap-time comparison arm}}` for that at
 * equal time; `{{error study design to group stage}}` and `{{signal …}}` for a row of `sus updates`, found by the last step of
 * its window. What was not measured says so.
 *
 * Throws `InputError` for a mark that is not known.
 */
export function renderEvidence(template: string, all: Evidence, folder: string): EvidencePage {
  const { uniform, shared } = bySplit(all.variance);
  const evidence = { ...all, variance: uniform };
  const charts = chartsOf(evidence);
  const sections: Readonly<Record<string, string>> = {
    ...sectionsOf(evidence, charts, folder),
    budgets: budgetTable(uniform, shared) || notMeasured,
  };
  const markdown = template.replace(/\{\{([^}]*)\}\}/g, (_, mark: string) => {
    const [name, ...rest] = mark.trim().split(/\s+/) as [string, ...string[]];
    const section = rest.length === 0 ? sections[name] : numbers[name]?.(evidence, rest);
    if (section === undefined) throw new InputError(`template.md: expected a known mark, got {{${mark}}}`);
    return section;
  });
  return { markdown, charts };
}

/** The charts that there are numbers for. */
function chartsOf({ variance, parity }: Evidence): Map<string, string> {
  const charts = new Map<string, string>();
  const plane = planeOf(variance);
  if (variance.some(({ asked }) => asked.startsWith("kept="))) {
    charts.set("kept.svg", keptChart(variance, "all"));
    charts.set("worst.svg", keptChart(variance, "worst"));
    charts.set("length.svg", lengthChart(variance));
  }
  if (variance.some(({ n, asked }) => n === detailLength && asked === detailBudget)) {
    charts.set("layers.svg", layerChart(variance, detailLength, detailBudget));
  }
  if (plane.length > 0) charts.set("plane.svg", planeChart(plane));
  for (const comparison of parity) charts.set(`parity-${comparison.name}.svg`, gapChart(comparison));
  return charts;
}

function sectionsOf(
  { variance, parity, updates }: Evidence,
  charts: ReadonlyMap<string, string>,
  folder: string,
): Readonly<Record<string, string>> {
  const some = (text: string) => (variance.length === 0 || text === "" ? notMeasured : text);
  const image = (name: string, title: string) =>
    charts.has(name) ? `![${title}](${folder}/${name})` : notMeasured;
  const parities = parity.map((comparison) => {
    const { name, settings } = comparison;
    const { layers, width, context, batch, steps } = settings.training;
    const { draws } = settings.plan;
    const orders = Math.min(...comparison.results.map(({ runs }) => runs));
    const { exactFirst = 0 } = settings.training;
    const first = exactFirst === 0 ? "" : `, the first ${exactFirst} steps of sampled runs exact`;
    const sequences = `${batch} ${batch === 1 ? "sequence" : "sequences"} of ${context} bytes`;
    const runs = `${orders} orders, ${draws === 1 ? "one draw" : `${draws} draws`} each`;
    const shape = `${layers} layers of width ${width}, ${steps} steps of ${sequences}, ${runs}${first}`;
    const chart = image(`parity-${name}.svg`, `${name}: difference to exact training by step`);
    return `### ${name}\n\n${shape}.\n\n${parityTable(comparison)}\n\n${chart}`;
  });
  return {
    targets: some(targetTable(variance)),
    variance: some(varianceTable(variance, "all")),
    worst: some(varianceTable(variance, "worst")),
    layers: charts.has("layers.svg") ? layerTable(variance, detailLength, detailBudget) : notMeasured,
    heads: some(headTable(variance)),
    times: charts.has("plane.svg") ? timeTable(variance, detailBudget) : notMeasured,
    bias: some(biasTable(variance)),
    losses: some(lossTable(variance)),
    updates: updates.length === 0 ? notMeasured : updateTable(updates),
    parity: parities.length === 0 ? notMeasured : parities.join("\n\n"),
    "kept-chart": image("kept.svg", "Variance against kept entries"),
    "worst-chart": image("worst.svg", "Variance of the worst part against kept entries"),
    "length-chart": image("length.svg", "Variance against length"),
    "layer-chart": image("layers.svg", "Variance by layer"),
    "plane-chart": image("plane.svg", "Time against variance"),
  };
}

type Difference = ParityRecord["results"][number]["atSteps"][number]["difference"];
type Inline = (evidence: Evidence, words: readonly string[]) => string;

/** One number of a cell, in words. */
function ofCell(read: (all: VarianceRecord, cell: readonly VarianceRecord[]) => string | undefined): Inline {
  return ({ variance }, [model = "", design = "", n = "", kept = ""]) => {
    const found = cellsOf(variance).find(({ all }) => isAt(all, model, design, Number(n), `kept=${kept}`));
    return (found && read(found.all, found.cell)) ?? "(not measured yet)";
  };
}

/** A difference of an arm of a comparison to exact training, with its interval. */
function ofArm(read: (result: ParityRecord["results"][number]) => Difference | undefined): Inline {
  return ({ parity }, [name = "", ...arm]) => {
    const results = parity.find((comparison) => comparison.name === name)?.results ?? [];
    const result = results.find((one) => one.arm === arm.join(" "));
    const found = result && read(result);
    return found === undefined ? "(not measured yet)" : formatDifference(found);
  };
}

/** One number of a stage of a study of updates. */
function ofStage(read: (row: UpdateRecord) => number | null): Inline {
  return ({ updates }, [name, design, to, group, stage]) => {
    const row = updates.find(
      (one) =>
        one.name === name &&
        one.design === design &&
        one.to === Number(to) &&
        one.group === group &&
        one.stage === stage,
    );
    const share = row === undefined ? null : read(row);
    return share === null ? "(not measured yet)" : percent(share);
  };
}

const numbers: Readonly<Record<string, Inline>> = {
  variance: ofCell(({ relativeVariance }) => percent(relativeVariance)),
  kept: ofCell(({ kept }) => kept.toFixed(1)),
  c: ofCell(({ c }) => c.toFixed(0)),
  time: ofCell(({ times }) => times?.share.toFixed(2)),
  worst: ofCell((_, cell) => {
    const worst = worstOf(cell);
    return worst && percent(worst.relativeVariance);
  }),
  gap: ofArm(({ atSteps }) => atSteps.at(-1)?.difference),
  "gap-time": ofArm(({ atTime }) => atTime?.difference),
  error: ofStage(({ error }) => error),
  signal: ofStage(({ signal }) => signal),
};

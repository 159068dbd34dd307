import { median, type Row } from "@sus/bench-harness";
import { columnsOf } from "../results/columns.ts";
import type { Results } from "../results/lines.ts";
import { type Series, timeChart } from "./chart.ts";
import { attentionSeries, stepSeries } from "./series.ts";
import { countOf, table, tableByThreads, tableOf } from "./table.ts";

export interface Page {
  readonly markdown: string;
  /** SVG documents by file name. */
  readonly charts: ReadonlyMap<string, string>;
}

/** What each section is called, in the order of the page; other suites follow by their names. */
const titles: Readonly<Record<string, string>> = {
  step: "A training step",
  peers: "Against other libraries",
  attention: "Attention",
  threads: "One thread and all",
  dense: "Matrix products",
  elementwise: "The other operations",
  sparse: "Sparse products",
};

/** The page of all results, a function of nothing else, and its charts, which it links to in `folder`. */
export function renderPage(all: ReadonlyMap<string, Results>, folder: string): Page {
  const charts = new Map([...chartsOf(all)].filter(([suite]) => all.has(suite)));
  const suites = [...new Set([...Object.keys(titles), ...[...all.keys()].sort()])];
  const sections = suites.flatMap((suite) => {
    const results = all.get(suite);
    if (results === undefined) return [];
    const title = charts.get(suite)?.title;
    const image =
      title === undefined ? [] : [`![${title}: milliseconds against tokens](${folder}/${suite}.svg)`];
    return [`## ${titles[suite] ?? suite}`, sentence(results.description), ...image, tableOfResults(results)];
  });
  const markdown = [introduction(folder), machines([...all.values()]), repeat, ...sections].join("\n\n");
  return {
    markdown: `${markdown}\n`,
    charts: new Map(
      [...charts].map(([suite, { title, series }]) => [`${suite}.svg`, timeChart(title, series)]),
    ),
  };
}

interface Chart {
  readonly title: string;
  readonly series: readonly Series[];
}

/** The charts that there are numbers for, by the suite in whose section they stand. */
function chartsOf(all: ReadonlyMap<string, Results>): ReadonlyMap<string, Chart> {
  const [step, peers, attention] = ["step", "peers", "attention"].map(
    (suite) => all.get(suite)?.rows ?? [],
  ) as [readonly Row[], readonly Row[], readonly Row[]];
  const charts: readonly (readonly [string, Chart])[] = [
    ["step", { title: stepTitle(step), series: stepSeries({ step, peers }) }],
    [
      "peers",
      {
        title: "Attention, forward and backward, one head of 64, one thread",
        series: attentionSeries({ peers, attention }),
      },
    ],
  ];
  return new Map(charts.filter(([, { series }]) => series.length > 0));
}

/** The other libraries compute on one thread in Node. */
function stepTitle(step: readonly Row[]): string {
  const threads = Number(step[0]?.["threads"]);
  const ours = threads > 1 ? `: ours on ${countOf(threads)}, the others on one` : "";
  return `A training step of the default model${ours}`;
}

function introduction(folder: string): string {
  return `# Benchmarks

Written by \`npm run bench -- report\` from the lines in [${folder}/](${folder}/): change those, not this page. Times are
medians of runs in turns. Compare numbers within a table; between machines and days only ratios hold.`;
}

/** One line for all suites that ran in one go. */
function machines(all: readonly Results[]): string {
  const runs = new Map<string, string[]>();
  for (const { suite, date, processor, cores, memoryGiB, runtime, load, quick } of all) {
    const machine = `${processor}, ${cores} cores, ${memoryGiB} GiB`;
    const run = [date, machine, runtime, String(load), quick ? "a quick look" : "full"].join(" | ");
    runs.set(run, [...(runs.get(run) ?? []), suite]);
  }
  const rows = [...runs].map(([run, suites]) => [suites.join(", "), ...run.split(" | ")]);
  const text = [
    table(["suites", "date", "machine", "engine", "load", "run"], rows),
    "The load is the average of the minute before the run: how many processes wanted a core.",
  ];
  if (all.some(({ load, cores }) => load > cores / 4)) {
    text.push(
      "**Other work ran on the machine meanwhile.** Times are too long, and no single ratio is worth much: to be repeated.",
    );
  }
  return text.join("\n\n");
}

const repeat = `To repeat it, with nothing else running:

\`\`\`sh
npm run bench -- --out docs/benchmarks                # the suites that take less than some 15 minutes, then this page
npm run bench -- step --all --out docs/benchmarks     # one suite, with what takes minutes, then this page
npm run bench -- --quick                              # a look, on the terminal only
\`\`\``;

function tableOfResults({ suite, rows }: Results): string {
  if (suite === "dense") {
    const products = tableByThreads(rows, ["model", "product", "pass", "m", "n", "k"], ["gflops", "share"]);
    return `${ceilings(rows)}\n\n${products}`;
  }
  if (suite === "attention") return attentionTables(rows);
  if (suite === "elementwise") {
    return tableByThreads(rows, ["operation", "megabytes"], ["ms", "gigabytesPerSecond", "ofCopy"]);
  }
  return tableOf(rows, columnsOf(rows));
}

/** Times first, then the ratios that follow from them, then how the sampled backward pass grows. */
function attentionTables(rows: readonly Row[]): string {
  const growing = rows.filter((row) => !("forward" in row));
  const passes = rows.filter((row) => "forward" in row);
  const columns = columnsOf(passes).filter((name) => name !== "d" && name !== "c");
  const keys = ["n", "threads", "rows", "heads"].filter((name) => columns.includes(name));
  const isTime = (name: string) => /^(forward|backward)(?!Share)/.test(name);
  const tables = [
    tableOf(passes, [...keys, ...columns.filter(isTime)]),
    tableOf(passes, [...keys, ...columns.filter((name) => !keys.includes(name) && !isTime(name))]),
  ];
  if (growing.length > 0) {
    tables.push(
      "The sampled backward pass when n doubles:",
      tableOf(growing, ["n", "threads", "backward", "growth", "backwardPlain", "growthPlain"]),
    );
  }
  return tables.join("\n\n");
}

/** What the multiply-add loop reached, in words. */
function ceilings(rows: readonly Row[]): string {
  const threads = [...new Set(rows.map((row) => Number(row["threads"])))];
  const reached = threads.map((count) => {
    const values = rows.filter((row) => row["threads"] === count).map((row) => Number(row["ceilingGflops"]));
    return `${Math.round(median(values))} GFLOP/s on ${countOf(count)}`;
  });
  return `The loop reached ${reached.join(", ")} (medians; each share is of the loop that ran in turns with its product).`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

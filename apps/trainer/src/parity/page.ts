import { formatCount } from "../format.ts";
import { legend, page, section, table } from "../report/html.ts";
import type { ArmResult } from "./analysis.ts";
import { coloursOf, finalChart, gapChart, lossChart, timeChart } from "./charts.ts";
import type { ParitySettings } from "./settings.ts";
import { tableHead, tableRows } from "./table.ts";

/** The results of `sus parity` as one HTML file: plots, and all arms in a table. */
export function renderParityPage(results: readonly ArmResult[], { plan, training }: ParitySettings): string {
  const { domain, range } = coloursOf(results);
  const colours = legend(domain.map((arm, i) => [range[i]!, arm] as const));
  const { layers, width, context, batch, steps } = training;
  const body = `<h1>Does training with sampled gradients reach the same loss?</h1>
<p>${layers} layers of width ${width}, ${formatCount(steps)} steps on ${batch} sequences of ${formatCount(context)} bytes, the same start
for all; ${plan.seeds} orders of the batches, ${plan.draws} sampled runs each. Differences are within orders, with 95 % confidence intervals.</p>
${[
  section(
    "All arms",
    "Held-out loss in nats a token. Equal time: exact training as it was planned for that time, where such runs are among the arms; else on the way.",
    `<div class="wide">${table(tableHead, tableRows(results))}</div>`,
  ),
  section("In the end", "Left of 0 is better than exact training.", finalChart(results)),
  section(
    "Difference to exact training",
    "At equal steps; bands are 95 % intervals.",
    colours + gapChart(results),
  ),
  section(
    "Held-out loss",
    "Mean over all runs of an arm, by step and by time.",
    colours + lossChart(results) + timeChart(results),
  ),
].join("\n")}
<footer>A line an arm is in results.jsonl; each run's log is in its folder.</footer>`;
  return page("Parity with exact training", body);
}

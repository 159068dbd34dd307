import { formatBits, formatCount, formatMilliseconds, formatShare } from "../format.ts";
import { optionName } from "../options.ts";
import type { Config } from "../run-folder/config.ts";
import type { StepRecord } from "../run-folder/record.ts";
import type { Summary } from "../run-folder/summary.ts";
import { budgetChart, layerColours, noiseChart } from "./budget-charts.ts";
import { lossChart, timeChart } from "./charts.ts";
import { legend, page, section, toHtml } from "./html.ts";

/** A figure of the report: what it is, the number, and a line about it. */
type Figure = readonly [title: string, value: string, note: string];

/** The report of a run: one HTML file that needs no other file and no network. */
export function renderReport(config: Config, records: readonly StepRecord[], summary: Summary): string {
  const body = `<h1>A transformer of ${formatCount(summary.parameters)} parameters, trained on ${toHtml(config.text.name)}</h1>
<p>${summary.steps} of ${config.settings.steps} steps on ${toHtml(summary.device)}, with ${toHtml(gradient(summary))}.</p>
<dl class="figures">
${figures(summary).map(renderFigure).join("\n")}
</dl>
${sections(config, records, summary).join("\n")}
<footer>Every step is a line of log.jsonl; these figures are in summary.json.</footer>`;
  return page(`Training run: ${config.text.name}`, body);
}

function sections(config: Config, records: readonly StepRecord[], summary: Summary): string[] {
  const losses = legend([
    ["var(--loss)", "training batches"],
    ["var(--held-out)", "held-out text, never trained on"],
  ]);
  const times = legend([
    ["var(--attention-forward)", "attention, forward"],
    ["var(--attention-backward)", "attention, backward"],
    ["var(--rest)", "everything else"],
  ]);
  return [
    section(
      "Loss",
      "Bits per byte: how many bits the model needs to store a byte of text. Lower is better, 8 is knowing nothing.",
      losses + lossChart(records, summary.bitsPerByte.heldOutBefore),
    ),
    section(
      "Where a step spends its time",
      summary.milliseconds.attentionBackward === null
        ? "This GPU device has no time stamps (timestamp-query), so everything counts as the rest."
        : "The forward pass is exact and draws the sample as it goes; the backward pass only visits what was kept.",
      times + timeChart(records),
    ),
    ...variance(config, records),
    `<section>\n<h2>Settings</h2>\n<table>\n${settingsRows(config)}\n</table>\n</section>`,
  ];
}

/** The probes of a run with `--variance`, if there were any. */
function variance({ settings }: Config, records: readonly StepRecord[]): string[] {
  if (settings.variance === null || records.every(({ probe }) => probe === undefined)) return [];
  const { domain, range } = layerColours(records);
  const layers = legend(domain.map((layer, i) => [range[i]!, layer] as const));
  return [
    section(
      "Variance held by budgets",
      "What sampling adds to the variance of the gradient, by probes of a few sequences, and what each layer, or head of it, keeps for it.",
      noiseChart(records, settings.variance) + layers + budgetChart(records),
    ),
  ];
}

function gradient({ c, design, exactFirst, extraVariance }: Summary): string {
  if (c === "all") return "the exact gradient";
  const budget = extraVariance
    ? `budgets for ${formatShare(extraVariance.target)} extra variance`
    : `c = ${c}`;
  const first = exactFirst > 0 ? ` after ${exactFirst} exact steps` : "";
  return `sampled attention gradients (${design}, ${budget})${first}`;
}

function figures(summary: Summary): Figure[] {
  const { bitsPerByte, milliseconds } = summary;
  const after = bitsPerByte.heldOutAfter;
  const tokensPerSecond = (summary.tokens / summary.steps / milliseconds.step) * 1000;
  return [
    [
      "Held-out bits per byte",
      after === null ? "not measured" : formatBits(after),
      `${formatBits(bitsPerByte.heldOutBefore)} before training`,
    ],
    [
      "Attention gradient cut",
      formatShare(summary.cutShare),
      `${summary.keptPerRow.toFixed(1)} of ${formatCount((summary.context + 1) / 2)} weights kept a row`,
    ],
    ...extraVariance(summary),
    ["Attention backward", ...backwardFigure(summary)],
    [
      "Tokens per second",
      formatCount(tokensPerSecond),
      `${formatCount(summary.tokens)} tokens, ${formatMilliseconds(milliseconds.step)} a step`,
    ],
  ];
}

/** What a run with `--variance` held. */
function extraVariance({ extraVariance: held }: Summary): Figure[] {
  if (!held) return [];
  const measured = held.measured === null ? "not measured" : formatShare(held.measured);
  return [
    ["Extra variance", measured, `by the later half of the probes; asked for: ${formatShare(held.target)}`],
  ];
}

/** The time of the backward pass, and what the exact one takes. */
function backwardFigure({ c, milliseconds }: Summary): [string, string] {
  const { attentionBackward: time, attentionBackwardExact: exact } = milliseconds;
  if (time === null) return ["not measured", "this GPU device has no time stamps (timestamp-query)"];
  if (c === "all" || exact === null) return [formatMilliseconds(time), "a step"];
  return [
    formatMilliseconds(time),
    `a step; exact: ${formatMilliseconds(exact)}, ${(exact / time).toFixed(1)}×`,
  ];
}

function renderFigure([title, value, note]: Figure): string {
  return `<div><dt>${toHtml(title)}</dt><dd>${toHtml(value)}</dd><dd>${toHtml(note)}</dd></div>`;
}

function settingsRows({ settings, text }: Config): string {
  const rows: [string, string][] = [
    ["text", `${text.name}, ${formatCount(text.bytes)} bytes`],
    ...Object.entries(settings)
      .filter(([, value]) => value !== null)
      .map(([field, value]): [string, string] => [optionName(field), String(value)]),
  ];
  return rows.map(([name, value]) => `<tr><td>${toHtml(name)}</td><td>${toHtml(value)}</td></tr>`).join("\n");
}

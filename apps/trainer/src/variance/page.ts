import { formatCount } from "../format.ts";
import { legend, page, section, table, toHtml } from "../report/html.ts";
import { seriesColours } from "../report/plot.ts";
import { concentrationChart, groupChart, headChart, isHead, keptChart, lengthChart } from "./charts.ts";
import type { Row } from "./results.ts";
import { isSameCell, percent, tableHead, tableRows } from "./table.ts";

/** What the page says about where its numbers come from. */
export interface Origin {
  readonly checkpoint: string;
  readonly textName: string;
}

/** The results of `sus variance` as one HTML file: plots, and all cells in a table. `rows` are of one cell at least. */
export function renderVariancePage(rows: readonly Row[], { checkpoint, textName }: Origin): string {
  const designs = [...new Set(rows.map(({ design }) => design))];
  const { domain, range } = seriesColours(designs);
  const colours = legend(domain.map((design, i) => [range[i]!, design] as const));
  const detail = detailOf(rows);
  const at = `n = ${formatCount(detail[0]!.n)}, ${detail[0]!.asked}`;
  const { draws, batches, fingerprint } = rows[0]!;
  const perHead = detail.filter((row) => isSameCell(row, detail[0]!) && isHead(row));
  const body = `<h1>What sampling adds to the variance of the gradient</h1>
<p>Relative variance increase E‖ĝ − g‖² / Var(g) of ${toHtml(checkpoint)} on ${toHtml(textName)}: ${draws} sampled gradients of
each of ${batches} held-out sequences. Bars are 95 % confidence intervals.</p>
${[
  section(
    "Variance against kept entries",
    "All parameters together, both axes logarithmic; a panel a length n.",
    colours + keptChart(rows, designs),
  ),
  section(
    "Variance against length",
    "All parameters together; a panel a budget.",
    colours + lengthChart(rows, designs),
  ),
  section(
    `By group of parameters, at ${at}`,
    "What sampling adds, over the group's own variance from sequence to sequence: adaptive optimisers feel this one.",
    colours + groupChart(detail, designs),
  ),
  section(
    `By layer and head, at ${at}`,
    "Percent, over the head's own parameters: its columns of the query, key and value matrices and its rows of the output matrix.",
    headChart(detail),
  ),
  section(
    `How broad each head looks, at n = ${formatCount(detail[0]!.n)}`,
    "Effective number of keys 1/ΣW², a mean over 64 rows of exact weights of the first sequence. Broad heads are what sampling finds hard.",
    concentrationChart(perHead) + entropies(perHead),
  ),
  section(
    "All cells",
    "The mean of R unbiased estimates nears the exact gradient as R to the power −1/2: that is the bias slope. Worst: of a part of one layer.",
    `<div class="wide">${table(tableHead(rows), tableRows(rows))}</div>`,
  ),
].join("\n")}
<footer>Fingerprint of weights, text and options: ${fingerprint}.</footer>`;
  return page("Variance of sampled gradients", body);
}

/** The rows of the longest sequences at the budget nearest to 30 kept entries, of all designs. */
function detailOf(rows: readonly Row[]): readonly Row[] {
  const longest = Math.max(...rows.map(({ n }) => n));
  const all = rows.filter(({ group, n }) => group === "all" && n === longest);
  const nearest = all.toSorted(
    (a, b) => Math.abs(Math.log(a.kept / 30)) - Math.abs(Math.log(b.kept / 30)),
  )[0]!;
  return rows.filter(({ n, asked }) => n === longest && asked === nearest.asked);
}

function entropies(heads: readonly Row[]): string {
  return table(
    ["head", "effective keys", "entropy, nats", "kept a row", "variance"],
    heads.map((row) => [
      row.group,
      row.effectiveKeys!.toFixed(1),
      row.entropy!.toFixed(2),
      // Two stages thin all heads of a layer as one.
      row.groupKept?.toFixed(1) ?? "–",
      percent(row.relativeVariance),
    ]),
  );
}

import { formatDifference, type PrintedInterval } from "../parity/table.ts";
import { type Stage, stages } from "../updates/shadow.ts";
import { percent } from "../variance/table.ts";
import {
  cellsOf,
  type Measured,
  type ParityRecord,
  type UpdateRecord,
  type VarianceRecord,
  worstOf,
} from "./records.ts";

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** For each model, length and budget what each design adds, of all parameters or of the worst part of a layer. */
export function varianceTable(records: readonly VarianceRecord[], which: "all" | "worst"): string {
  const cells = cellsOf(records);
  const designs = unique(cells.map(({ all }) => all.design));
  const lines = unique(cells.map(({ all }) => JSON.stringify([all.model, all.n, all.asked])));
  const rows = lines.map((line) => {
    const [model, n, asked] = JSON.parse(line) as [string, number, string];
    const found = (design: string) => cells.find(({ all }) => isAt(all, model, design, n, asked));
    return [model, String(n), asked, ...designs.map((design) => varianceCell(found(design), which))];
  });
  return table(["model", "n", "budget", ...designs], rows);
}

function varianceCell(measured: Measured | undefined, which: "all" | "worst"): string {
  if (measured === undefined) return "–";
  const record = which === "all" ? measured.all : worstOf(measured.cell);
  if (record === undefined) return "–";
  if (which === "worst")
    return `${percent(record.relativeVariance)}, ${record.group.slice("layers.".length)}`;
  return `${percent(record.relativeVariance)} (${percent(record.low)} … ${percent(record.high)})`;
}

/** Budgets that layers or heads share out against the same for all, at equal kept entries. */
export function budgetTable(uniform: readonly VarianceRecord[], shared: readonly VarianceRecord[]): string {
  const cells = cellsOf(shared);
  if (cells.length === 0) return "";
  const same = cellsOf(uniform);
  const rows = cells.map(({ all, cell }) => {
    const { model, n, asked } = all;
    const [design, split] = all.design.split(", ") as [string, string];
    const before = same.find((other) => isAt(other.all, model, design, n, asked));
    const worst = (measured: Measured | undefined) => varianceCell(measured, "worst");
    return [
      ...[model, String(n), asked, design, split],
      ...[before === undefined ? "–" : percent(before.all.relativeVariance), percent(all.relativeVariance)],
      ...[worst(before), worst({ all, cell })],
    ];
  });
  const columns = ["model", "n", "budget", "design", "shared by"];
  return table(
    [...columns, "variance, uniform", "variance, shared", "worst, uniform", "worst, shared"],
    rows,
  );
}

/** What each budget costs in time, and in noise, at one budget. */
export function timeTable(records: readonly VarianceRecord[], asked: string): string {
  const rows = cellsOf(records)
    .filter(({ all }) => all.asked === asked && all.times !== undefined)
    .map(({ all, cell }) => {
      const { model, n, design, c, kept, times, relativeVariance } = all;
      const shares = [times!.forward, times!.backward, times!.share].map((share) => share.toFixed(2));
      const worst = worstOf(cell);
      return [
        ...[model, String(n), design, c.toFixed(0), kept.toFixed(1), ...shares],
        ...[percent(relativeVariance), worst === undefined ? "–" : percent(worst.relativeVariance)],
      ];
    });
  const head = [
    "model",
    "n",
    "design",
    "c",
    "kept a row",
    "B/A − 1",
    "C/A",
    "(B − A + C)/A",
    "variance",
    "worst part",
  ];
  return table(head, rows);
}

/** Variance of each layer by design. */
export function layerTable(records: readonly VarianceRecord[], n: number, asked: string): string {
  const layers = records.filter(
    (record) => record.n === n && record.asked === asked && /^layers\.\d+$/.test(record.group),
  );
  const groups = unique(layers.map(({ group }) => group));
  const rows = cellsOf(records)
    .filter(({ all }) => all.n === n && all.asked === asked)
    .map(({ all, cell }) => [
      ...[all.model, all.design],
      ...groups.map((group) => {
        const layer = cell.find((record) => record.group === group);
        return layer === undefined
          ? "–"
          : `${percent(layer.relativeVariance)}, ${layer.groupKept?.toFixed(0)} kept`;
      }),
    ]);
  return table(["model", "design", ...groups.map((group) => group.replace("layers.", "layer "))], rows);
}

/** How broad each head looks: effective keys 1/ΣW², a line a layer. */
export function headTable(records: readonly VarianceRecord[]): string {
  const heads = records.filter(
    ({ group, effectiveKeys }) => /heads/.test(group) && effectiveKeys !== undefined,
  );
  if (heads.length === 0) return "";
  // Lengths that the model was trained on come first.
  const lengths = unique(heads.map(({ n }) => n)).sort((a, b) => a - b);
  const n = lengths.findLast((length) => length <= 2048) ?? lengths[0];
  const own = heads.filter((record) => record.n === n && record.design === heads[0]!.design);
  const lines = unique(own.map(({ model, group }) => JSON.stringify([model, group.split(".")[1]])));
  const rows = lines.map((line) => {
    const [model, layer] = JSON.parse(line) as [string, string];
    const of = own.filter((record) => record.model === model && record.group.split(".")[1] === layer);
    return [model, layer, of.map(({ effectiveKeys }) => effectiveKeys!.toPrecision(3)).join(", ")];
  });
  return table(["model", "layer", "effective keys of each head"], rows);
}

/** The slope of the distance of means of R draws, −½ without a bias, where there were enough draws. */
export function biasTable(records: readonly VarianceRecord[]): string {
  const rows = cellsOf(records)
    .filter(({ all }) => all.biasSlope !== undefined)
    .map(({ all }) => [
      ...[all.model, all.design, String(all.n), all.asked, `${all.draws} × ${all.batches}`],
      ...[
        triple(all.biasSlope!, (x) => x.toFixed(2)),
        all.biasShare === undefined ? "–" : triple(all.biasShare, percent),
      ],
    ]);
  return rows.length === 0
    ? ""
    : table(["model", "design", "n", "budget", "draws", "slope", "bias²/‖g‖²"], rows);
}

/** Losses of one comparison of `sus parity`. */
export function parityTable({ results }: ParityRecord): string {
  const orNone = (of: PrintedInterval | undefined) => (of === undefined ? "–" : formatDifference(of));
  return table(
    [
      "arm",
      "runs",
      "steps",
      "kept a row",
      "ms a step",
      "held out, nats",
      "− exact, equal steps",
      "− exact, equal time",
    ],
    results.map((arm) => [
      ...[arm.arm, String(arm.runs), String(arm.steps), arm.keptPerRow.toFixed(1)],
      ...[arm.millisecondsPerStep?.toFixed(0) ?? "–", arm.heldOut.toFixed(4)],
      ...[orNone(arm.atSteps.at(-1)?.difference), orNone(arm.atTime?.difference)],
    ]),
  );
}

/** Parts whose updates the page shows; the rest stands in the JSON. */
const shownParts = ["all", "query", "key", "value", "mlp"];

/** What becomes of error and signal of some parts from the gradient to the update, a line for each design and window. */
export function updateTable(records: readonly UpdateRecord[]): string {
  const heads = records.filter(({ group, stage }) => group === "all" && stage === "update");
  const rows = heads.map((head) => {
    const { name, design, from, to, kept, orders } = head;
    const at = (group: string, stage: Stage) =>
      records.find(
        (row) =>
          row.name === name &&
          row.design === design &&
          row.to === to &&
          row.group === group &&
          row.stage === stage,
      );
    const along = (group: string, read: (row: UpdateRecord) => number | null, of: readonly Stage[]) =>
      of
        .map((stage) => at(group, stage))
        .map((row) => (row === undefined ? null : read(row)))
        .map((share) => (share === null ? "–" : percent(share)))
        .join(" → ");
    return [
      ...[name, design, `${from}–${to}`, kept.toFixed(1), String(orders)],
      ...shownParts.map((group) => along(group, ({ error }) => error, stages)),
      ...["query", "value"].map((group) => along(group, ({ signal }) => signal, ["gradient", "update"])),
    ];
  });
  return table(
    [
      ...["study", "design", "steps", "kept a row", "runs", ...shownParts.map((part) => `error, ${part}`)],
      ...["signal, query", "signal, value"],
    ],
    rows,
  );
}

/** Loss of the models by length: beyond the length of training it tells whether they still work there. */
export function lossTable(records: readonly VarianceRecord[]): string {
  const cells = cellsOf(records).filter(({ all }) => all.loss !== undefined);
  const lengths = unique(cells.map(({ all }) => all.n)).sort((a, b) => a - b);
  const rows = unique(cells.map(({ all }) => all.model)).map((model) => [
    model,
    ...lengths.map((n) => {
      const loss = cells.find(({ all }) => all.model === model && all.n === n)?.all.loss;
      return loss === undefined ? "–" : (loss / Math.LN2).toFixed(3);
    }),
  ]);
  return table(["model", ...lengths.map((n) => `n = ${n}`)], rows);
}

function triple([value, low, high]: readonly number[], format: (x: number) => string): string {
  return `${format(value!)} (${format(low!)} … ${format(high!)})`;
}

export function isAt(all: VarianceRecord, model: string, design: string, n: number, asked: string): boolean {
  return all.model === model && all.design === design && all.n === n && all.asked === asked;
}

export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

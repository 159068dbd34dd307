import { formatCount } from "../format.ts";
import { relativeToOther } from "./comparison.ts";
import type { Row } from "./results.ts";

/** The columns; variances are compared with those of the first design. */
export function tableHead(rows: readonly Row[]): string[] {
  return [
    ...["design", "n", "asked", "kept", "variance", "95 % from", "to", `against ${rows[0]!.design}`],
    ...["worst group", "there", "bias slope", "bias²/‖g‖²"],
  ];
}

/** A line a cell, of all its parameters together and of the worst group of one layer. */
export function tableRows(rows: readonly Row[]): string[][] {
  return rows
    .filter(({ group }) => group === "all")
    .map((all) => {
      const worst = worstOf(rows.filter((row) => isSameCell(row, all)));
      return [
        ...[all.design, formatCount(all.n), all.asked, all.kept.toFixed(1)],
        ...[percent(all.relativeVariance), percent(all.low), percent(all.high), against(rows, all)],
        ...[worst?.group ?? "–", worst === undefined ? "–" : percent(worst.relativeVariance)],
        ...[range(all.biasSlope, (x) => x.toFixed(2)), range(all.biasShare, percent)],
      ];
    });
}

/** The part of a layer with the largest relative variance. */
export function worstOf(rows: readonly Row[]): Row | undefined {
  return rows
    .filter(({ part, layer, head }) => part !== null && layer !== null && head === null)
    .toSorted((a, b) => b.relativeVariance - a.relativeVariance)[0];
}

export function isSameCell(a: Row, b: Row): boolean {
  return a.design === b.design && a.n === b.n && a.asked === b.asked;
}

/** 0.65 %, three digits whatever the size. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return "0 %";
  return `${Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)} %`;
}

function against(rows: readonly Row[], all: Row): string {
  const ratio = relativeToOther(rows, all, rows[0]!.design);
  return ratio === null
    ? "–"
    : `${ratio.value.toFixed(2)} (${ratio.low.toFixed(2)} … ${ratio.high.toFixed(2)})`;
}

function range(triple: Row["biasSlope"], format: (value: number) => string): string {
  if (triple === null) return "–";
  const [value, low, high] = triple;
  return `${format(value)} (${format(low)} … ${format(high)})`;
}

import { percent } from "../variance/table.ts";
import type { UpdateRow } from "./rows.ts";
import { stages } from "./shadow.ts";

export const tableHead: readonly string[] = [
  ...["design", "steps", "group", "kept", "error of gradient", "of momentum", "of update"],
  ...["signal of gradient", "of update"],
];

/** A line for each design, window and part of the model; layers one by one are left to the JSON. */
export function tableRows(rows: readonly UpdateRow[]): string[][] {
  return rows
    .filter(({ stage, group }) => stage === "update" && !group.includes("."))
    .map((row) => {
      const at = (stage: UpdateRow["stage"]) =>
        rows.find(
          ({ design, from, group, stage: own }) =>
            own === stage && design === row.design && from === row.from && group === row.group,
        );
      const errors = stages.map((stage) => at(stage)?.error);
      const signals = [at("gradient"), row].map((found) => found?.signal);
      return [
        ...[row.design, `${row.from}–${row.to}`, row.group, row.kept.toFixed(1)],
        ...[...errors, ...signals].map((share) => (share == null ? "–" : percent(share))),
      ];
    });
}

import { z } from "zod";
import type { ArmResult } from "../parity/analysis.ts";
import { type ParitySettings, paritySchema } from "../parity/settings.ts";
import { updateRowSchema } from "../updates/rows.ts";
import { type Row, rowSchema } from "../variance/results.ts";

const shape = rowSchema.shape;

/** A row of `sus variance` as it is kept: with the model's name, and without what is null or can be told from the rest. */
export const varianceRecordSchema = z.strictObject({
  model: z.string(),
  ...rowSchema.pick({ design: true, n: true, kept: true, relativeVariance: true, standardError: true }).shape,
  ...rowSchema.pick({ low: true, high: true, group: true, asked: true, c: true }).shape,
  ...rowSchema.pick({ draws: true, batches: true, dataBatches: true }).shape,
  groupKept: z.number().optional(),
  effectiveKeys: z.number().optional(),
  biasSlope: shape.biasSlope.unwrap().optional(),
  biasShare: shape.biasShare.unwrap().optional(),
  distances: shape.distances.unwrap().optional(),
  times: shape.times.unwrap().optional(),
  loss: z.number().optional(),
});

export type VarianceRecord = z.infer<typeof varianceRecordSchema>;

/** The budget whose cells keep their rows by head. */
const detailed = "kept=30";

/** What is kept of the rows of a model: of heads only those at one budget, of heads' parts none. */
export function varianceRecords(model: string, rows: readonly Row[]): VarianceRecord[] {
  return rows
    .filter(({ part, head, asked }) => head === null || (part === null && asked === detailed))
    .map(({ part: _, layer: __, head: ___, entropy: ____, fingerprint: _____, ...row }) =>
      varianceRecordSchema.parse({
        model,
        ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
      }),
    );
}

/** The part of a layer with the largest relative variance, of the records of a cell. */
export function worstOf(records: readonly VarianceRecord[]): VarianceRecord | undefined {
  return records
    .filter(({ group }) => /^layers\.\d+\.[a-z]+$/.test(group))
    .toSorted((a, b) => b.relativeVariance - a.relativeVariance)[0];
}

/** What one design, budget and length costs in time and in noise, measured on the same rows in one run. */
export interface PlaneRow {
  readonly model: string;
  readonly design: string;
  readonly c: number;
  readonly kept: number;
  readonly n: number;
  /** (B − A + C)/A: sampling, thinning and the sampled backward pass in exact forward passes of attention. */
  readonly timeShare: number;
  readonly relativeVariance: number;
  readonly worstGroup: string;
  readonly worstVariance: number;
}

/** A row for each cell whose time was measured. */
export function planeOf(records: readonly VarianceRecord[]): PlaneRow[] {
  return cellsOf(records).flatMap(({ all, cell }) => {
    const worst = worstOf(cell);
    if (all.times === undefined || worst === undefined) return [];
    const { model, design, c, kept, n, relativeVariance, times } = all;
    return {
      ...{ model, design, c, kept, n, timeShare: times.share, relativeVariance },
      ...{ worstGroup: worst.group, worstVariance: worst.relativeVariance },
    };
  });
}

/** One thing that was measured: the record of all parameters, and those of all groups. */
export interface Measured {
  readonly all: VarianceRecord;
  readonly cell: readonly VarianceRecord[];
}

/** The cells of some records, in their order. Of a cell that was measured twice the last one counts. */
export function cellsOf(records: readonly VarianceRecord[]): Measured[] {
  const cells = new Map<string, VarianceRecord[]>();
  for (const record of records) {
    const { model, design, n, asked, group } = record;
    const name = [model, design, n, asked].join();
    if (group === "all") cells.set(name, []);
    cells.get(name)?.push(record);
  }
  return [...cells.values()].map((cell) => ({ all: cell[0]!, cell }));
}

/** Rows of cells whose layers and heads all have the same budget, and of those that share it out, such as "bernoulli, heads". */
export function bySplit(records: readonly VarianceRecord[]): {
  uniform: VarianceRecord[];
  shared: VarianceRecord[];
} {
  const isShared = ({ design }: VarianceRecord) => design.includes(", ");
  return { uniform: records.filter((record) => !isShared(record)), shared: records.filter(isShared) };
}

/** A comparison of `sus parity` as it is kept. */
export interface ParityRecord {
  readonly name: string;
  readonly settings: ParitySettings;
  readonly results: readonly ArmResult[];
}

/** A row of `sus updates` as it is kept: with the name of the study. */
export const updateRecordSchema = z.strictObject({ name: z.string(), ...updateRowSchema.shape });

export type UpdateRecord = z.infer<typeof updateRecordSchema>;

export const parityHeadSchema = z.strictObject({ name: z.string(), settings: paritySchema });

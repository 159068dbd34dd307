import { z } from "zod";
import type { Group } from "../model/partition.ts";
import { type Interval, jackknife, positiveJackknife } from "../statistics/interval.ts";
import { type Stage, stages } from "./shadow.ts";

/** Sums over the steps of a window, one number a group of parameters. x̂ is sampled, x exact, x′ exact of another batch. */
export interface StageSums {
  /** Σ‖x̂ − x‖² */
  readonly noise: Float64Array;
  /** Σ‖x′ − x‖², twice the variance of the data. */
  readonly data: Float64Array;
  /** Σ⟨x̂, x′⟩ and Σ⟨x, x′⟩. */
  readonly sampledAlong: Float64Array;
  readonly exactAlong: Float64Array;
}

/** What one order of the batches gave in one window for one design. */
export interface WindowSums {
  readonly stages: Readonly<Record<Stage, StageSums>>;
  /** Entries kept a row, a mean over the steps. */
  readonly kept: number;
}

const stage = z.enum(stages);

/** A line of the results: one stage of one group of parameters under one design, in steps `from` to `to`. */
export const updateRowSchema = z.strictObject({
  design: z.string(),
  c: z.number(),
  kept: z.number(),
  from: z.int(),
  to: z.int(),
  group: z.string(),
  stage,
  /** E‖x̂ − x‖² / Var_data(x), with the ends of a 95 % confidence interval. */
  noise: z.number(),
  noiseLow: z.number(),
  noiseHigh: z.number(),
  /** ⟨E x̂, E x⟩ / ‖E x‖²: the share of what batches agree on that is left. 1 without a bias. */
  signal: z.number(),
  signalLow: z.number(),
  signalHigh: z.number(),
  /** Training runs, the units of the intervals. */
  orders: z.int(),
});

export type UpdateRow = z.infer<typeof updateRowSchema>;

/** What the rows of a window are about. */
export interface WindowFacts extends Pick<UpdateRow, "design" | "c" | "from" | "to"> {
  /** All of the partition, in its order. */
  readonly groups: readonly Group[];
}

/**
 * The rows of a window, of all groups but those of heads, with a jackknife over the orders, of which there are at least two. Groups in which the data have no
 * variance, or nothing in common, have none.
 */
export function updateRows({ groups, ...facts }: WindowFacts, orders: readonly WindowSums[]): UpdateRow[] {
  const kept = orders.reduce((sum, order) => sum + order.kept, 0) / orders.length;
  return groups.flatMap(({ name: group, head }, index) =>
    stages.flatMap((stage) => {
      if (head !== null) return [];
      const sums = orders.map((order) => order.stages[stage]);
      const total = (of: keyof StageSums, without: number | null) =>
        sums.reduce((sum, one, order) => sum + (order === without ? 0 : one[of][index]!), 0);
      if (total("data", null) === 0 || total("exactAlong", null) === 0) return [];
      const noise = positiveJackknife(
        orders.length,
        (without) => total("noise", without) / (total("data", without) / 2),
      );
      const signal = jackknife(
        orders.length,
        (without) => total("sampledAlong", without) / total("exactAlong", without),
      );
      return [
        {
          ...{ ...facts, kept, group, stage, orders: orders.length },
          ...named("noise", noise),
          ...named("signal", signal),
        },
      ];
    }),
  );
}

function named<const N extends "noise" | "signal">(name: N, { value, low, high }: Interval) {
  return { [name]: value, [`${name}Low`]: low, [`${name}High`]: high } as Record<
    N | `${N}Low` | `${N}High`,
    number
  >;
}

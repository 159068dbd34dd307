import { z } from "zod";
import type { Group } from "../model/partition.ts";
import { jackknife, positiveJackknife } from "../statistics/interval.ts";
import { type Stage, stages } from "./shadow.ts";

/** Sums over the steps of a window, one number a group of parameters. x̂ is sampled, x exact, x′ exact of another batch. */
export interface StageSums {
  /** Σ‖x̂ − x‖² */
  readonly error: Float64Array;
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
  error: z.number(),
  errorLow: z.number(),
  errorHigh: z.number(),
  /**
   * ⟨E x̂, E x⟩ / ‖E x‖², the share of what batches agree on that is left, 1 without a bias; null where they agree on too little
   * to tell.
   */
  signal: z.number().nullable(),
  signalLow: z.number().nullable(),
  signalHigh: z.number().nullable(),
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
 * The rows of a window, of all groups but those of heads, with a jackknife over the orders, of which there are at least two.
 * Groups in which the data have no variance have none.
 */
export function updateRows({ groups, ...facts }: WindowFacts, orders: readonly WindowSums[]): UpdateRow[] {
  const kept = orders.reduce((sum, order) => sum + order.kept, 0) / orders.length;
  return groups.flatMap(({ name: group, head }, index) =>
    stages.flatMap((stage) => {
      const sums = orders.map((order) => order.stages[stage]);
      const total = (of: keyof StageSums, without: number | null) =>
        sums.reduce((sum, one, order) => sum + (order === without ? 0 : one[of][index]!), 0);
      const isPositive = (of: keyof StageSums) => sums.every((_, order) => total(of, order) > 0);
      if (head !== null || !isPositive("data")) return [];
      // A logarithm, if there is one: clipping alone may be all the error that one order has.
      const ofError = isPositive("error") ? positiveJackknife : jackknife;
      const error = ofError(
        orders.length,
        (without) => total("error", without) / (total("data", without) / 2),
      );
      const signal = isPositive("exactAlong")
        ? jackknife(orders.length, (without) => total("sampledAlong", without) / total("exactAlong", without))
        : { value: null, low: null, high: null };
      return {
        ...{ ...facts, kept, group, stage, orders: orders.length },
        ...{ error: error.value, errorLow: error.low, errorHigh: error.high },
        ...{ signal: signal.value, signalLow: signal.low, signalHigh: signal.high },
      };
    }),
  );
}

import type { EstimatorName } from "../model/estimators.ts";
import { modelConfig } from "../model/model.ts";
import { partition } from "../model/partition.ts";
import { measureOrder } from "./measure.ts";
import { type UpdateRow, updateRows, type WindowSums } from "./rows.ts";
import type { UpdatesSettings } from "./settings.ts";

export interface UpdatesHooks {
  readonly onStep: (order: number, step: number) => void;
  /** The rows of the orders so far, none of the first one. */
  readonly onOrder: (rows: readonly UpdateRow[]) => Promise<void>;
}

/** Measures order after order until all are done or the signal asks to stop: an order that was begun then does not count. */
export async function measureUpdates(
  settings: UpdatesSettings,
  bytes: Uint8Array,
  signal: AbortSignal,
  { onStep, onOrder }: UpdatesHooks,
): Promise<{ rows: readonly UpdateRow[]; orders: number }> {
  const { designs, c, at, seeds, training } = settings;
  const { groups } = partition(modelConfig(training));
  const found: ReadonlyMap<EstimatorName, readonly WindowSums[]>[] = [];
  let rows: readonly UpdateRow[] = [];
  try {
    for (let order = 1; order <= seeds; order++) {
      const onEach = (step: number) => onStep(order, step);
      found.push(
        await measureOrder(settings, bytes, order, {
          between: () => signal.throwIfAborted(),
          onStep: onEach,
        }),
      );
      if (found.length > 1) {
        rows = designs.flatMap((design) =>
          at.flatMap((to, window) =>
            updateRows(
              { design, c, from: (at[window - 1] ?? 0) + 1, to, groups },
              found.map((order) => order.get(design)![window]!),
            ),
          ),
        );
      }
      await onOrder(rows);
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  return { rows, orders: found.length };
}

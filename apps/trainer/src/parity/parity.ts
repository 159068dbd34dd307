import { expectFitting } from "../settings.ts";
import { type ArmResult, analyse, type FinishedRun } from "./analysis.ts";
import type { ParityFolder } from "./folder.ts";
import { finishRun, type ParityHooks } from "./run.ts";
import { runsOf } from "./settings.ts";

export interface Outcome {
  readonly results: readonly ArmResult[];
  /** Runs that are done, of all. */
  readonly done: number;
  readonly total: number;
}

/**
 * Makes all runs of a plan that are not there yet, and the report after each order; stopped, what there is so far. Throws
 * `InputError`, before any run, where the settings of one do not fit together.
 */
export async function compare(folder: ParityFolder, hooks: ParityHooks): Promise<Outcome> {
  const planned = runsOf(folder.settings);
  // Before any work is done: a plan holds settings that no run has been begun with.
  for (const { settings } of planned) expectFitting(settings);
  const finished: FinishedRun[] = [];
  for (const [index, run] of planned.entries()) {
    const result = await finishRun(folder.path, run, finished[0], hooks);
    if (result === null) break;
    finished.push(result);
    hooks.say(
      `${index + 1}/${planned.length}  ${run.arm.name}, order ${run.order}: ${lastLoss(result)} nats a token`,
    );
    if (planned[index + 1]?.order !== run.order) await folder.writeResults(analyse(finished));
  }
  const results = analyse(finished);
  if (finished.length > 0) await folder.writeResults(results);
  return { results, done: finished.length, total: planned.length };
}

function lastLoss({ heldOut }: FinishedRun): string {
  return heldOut.at(-1)!.loss.toFixed(4);
}

import type { Suite } from "@sus/bench-harness";
import { UnavailableError } from "./errors.ts";

/** What the command line says of the suites to run. */
export interface Asked {
  /** Empty: those that run by default. */
  readonly suites: readonly string[];
  /** Those that run only by name as well. */
  readonly all: boolean;
}

/**
 * The suites that are to run on this machine: those asked for by name, or all that can and are not for names only.
 *
 * @param skip is told of every suite that is left out because nobody asked for it.
 * @throws UnavailableError for a suite that was asked for and can't run.
 */
export async function availableSuites(
  every: readonly Suite[],
  { suites: asked, all }: Asked,
  skip: (message: string) => void,
): Promise<Suite[]> {
  const chosen = asked.length === 0 ? every : every.filter(({ name }) => asked.includes(name));
  const available: Suite[] = [];
  for (const suite of chosen) {
    if (asked.length === 0 && suite.onlyNamed === true && !all) {
      skip(`${suite.name}: skipped, it takes ${durationOf(suite.minutes)}; name it, or say --all`);
      continue;
    }
    const reason = await suite.unavailable?.();
    if (reason === undefined) available.push(suite);
    else if (asked.length > 0) throw new UnavailableError(`${suite.name}: ${reason}`);
    else skip(`${suite.name}: skipped, ${reason}`);
  }
  return available;
}

/** What is going to run and how long that takes. */
export function planOf(suites: readonly Suite[], quick: boolean): string {
  if (quick) return `A quick look at ${suites.map(({ name }) => name).join(", ")}.`;
  const each = suites.map(({ name, minutes }) => `${name} (${durationOf(minutes)})`);
  const total = suites.reduce((sum, { minutes }) => sum + minutes, 0);
  return `${each.join(", ")}: about ${durationOf(total)} in all, on two cores with nothing else to do.`;
}

function durationOf(minutes: number): string {
  return minutes < 1 ? `${Math.round(60 * minutes)} s` : `${Math.round(minutes)} min`;
}

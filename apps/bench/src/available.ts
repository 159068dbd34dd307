import type { Suite } from "@sus/bench-harness";
import { UnavailableError } from "./errors.ts";

/**
 * The suites that are to run on this machine: those asked for by name, or all that can.
 *
 * @param skip is told of every suite that is left out because nobody asked for it.
 * @throws UnavailableError for a suite that was asked for and can't run.
 */
export async function availableSuites(
  all: readonly Suite[],
  asked: readonly string[],
  skip: (message: string) => void,
): Promise<Suite[]> {
  const chosen = asked.length === 0 ? all : all.filter(({ name }) => asked.includes(name));
  const available: Suite[] = [];
  for (const suite of chosen) {
    const reason = await suite.unavailable?.();
    if (reason === undefined) available.push(suite);
    else if (asked.length > 0) throw new UnavailableError(`${suite.name}: ${reason}`);
    else skip(`${suite.name}: skipped, ${reason}`);
  }
  return available;
}

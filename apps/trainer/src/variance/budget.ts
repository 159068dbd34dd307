/** A budget c and the entries a row that it was found to keep. */
export interface Budget {
  readonly c: number;
  readonly kept: number;
}

export interface SolveOptions {
  /** Whether the design takes whole budgets only: the nearest one is found. */
  readonly whole: boolean;
  /** How near is near enough, as a share of what is wanted. Default 1 %. */
  readonly tolerance?: number;
}

/** Far more than any monotone function takes: a bracket is halved in every second step at least. */
const mostSteps = 60;

/**
 * The budget c at which a design keeps `wanted` entries a row on average.
 *
 * `kept` measures that for a c; it has to rise with c. Both are close to a power law, so the next guess follows the line
 * through the last two in logarithms, as long as it stays inside of what has been bracketed.
 */
export async function solveBudget(
  wanted: number,
  kept: (c: number) => Promise<number>,
  { whole, tolerance = 0.01 }: SolveOptions,
): Promise<Budget> {
  const allowed = (c: number) => (whole ? Math.max(1, Math.round(c)) : c);
  const measure = async (c: number): Promise<Budget> => ({ c, kept: await kept(c) });
  let [low, high]: [Budget, Budget | null] = [{ c: 0, kept: 0 }, null];
  let last: Budget | null = null;
  let best = await measure(allowed(wanted));
  let now = best;
  for (let step = 0; step < mostSteps && Math.abs(best.kept / wanted - 1) > tolerance; step++) {
    if (now.kept < wanted) low = now;
    else high = now;
    if (whole && high !== null && high.c - low.c <= 1) break;
    const c = allowed(inside(nextGuess(wanted, now, last), low, high, step % 2 === 1));
    // Rounding may lead back to an end of the bracket.
    const fresh = c === low.c || c === high?.c ? allowed(middleOf(low, high)) : c;
    last = now;
    now = await measure(fresh);
    if (Math.abs(Math.log(now.kept / wanted)) < Math.abs(Math.log(best.kept / wanted))) best = now;
  }
  return best;
}

/** Where the line through the last two points in logarithms reaches what is wanted; from one point, one of slope 1. */
function nextGuess(wanted: number, now: Budget, last: Budget | null): number {
  const rise = last === null ? 1 : Math.log(now.kept / last.kept) / Math.log(now.c / last.c);
  const slope = Number.isFinite(rise) ? Math.min(2, Math.max(0.1, rise)) : 1;
  return now.c * (wanted / now.kept) ** (1 / slope);
}

function inside(guess: number, low: Budget, high: Budget | null, halve: boolean): number {
  if (high === null) return Math.max(guess, 1.001 * low.c);
  return halve || guess <= low.c || guess >= high.c ? middleOf(low, high) : guess;
}

function middleOf(low: Budget, high: Budget | null): number {
  if (high === null) return 2 * low.c;
  return low.c === 0 ? high.c / 2 : Math.sqrt(low.c * high.c);
}

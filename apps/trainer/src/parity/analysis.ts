import { mean, median } from "../run-folder/summary.ts";
import { type Interval, meanInterval } from "../statistics/interval.ts";
import { exactArm } from "./settings.ts";

/** A finished run as the analysis sees it: losses in nats a token. */
export interface FinishedRun {
  readonly arm: string;
  readonly order: number;
  readonly draw: number;
  /** Held-out loss by step, from step 0 on. */
  readonly heldOut: readonly { readonly step: number; readonly loss: number }[];
  /** Of each training step, evaluations and probes not counted. */
  readonly milliseconds: readonly number[];
  /** Of all its probes. */
  readonly probeMilliseconds: number;
  /** Steps with the exact gradient before the sampled ones, which take another time. */
  readonly exactFirst: number;
  /** Of the sampled steps. */
  readonly keptPerRow: number;
  /** SHA-256 of the text. */
  readonly text: string;
  /** What it ran on, threads and all. */
  readonly device: string;
}

export interface ArmResult {
  readonly arm: string;
  readonly runs: number;
  readonly steps: number;
  readonly keptPerRow: number;
  /** On average over the steps of a run, going by medians over steps of a kind: see `clockOf`. Null where devices differ. */
  readonly millisecondsPerStep: number | null;
  /** Mean final held-out loss. */
  readonly heldOut: number;
  /** Mean held-out loss by step, and by the time it takes until then, null where devices differ. */
  readonly curve: readonly {
    readonly step: number;
    readonly seconds: number | null;
    readonly loss: number;
  }[];
  /** Differences to exact training at equal steps, by step; empty for an arm of another number of steps. */
  readonly atSteps: readonly { readonly step: number; readonly difference: Interval }[];
  /**
   * At equal time: how much of it, in seconds, and the difference there. Null for exact training itself, and where runs of the
   * two ran on different devices or numbers of threads, so that their times do not compare.
   */
  readonly atTime: { readonly seconds: number; readonly difference: Interval } | null;
}

/**
 * Compares each arm with exact training, order by order: a difference is taken between runs that saw the same batches
 * in the same order, averaged over the draws of an order, and Student's interval is over orders, which are independent.
 *
 * Equal time is the smaller of the two arms' whole times. Exact training at a time is what an exact run *planned* for
 * that time reaches, interpolated between the exact runs of different numbers of steps; where none is that short, it is
 * the exact run on the way, whose learning rate is then still high, which flatters the other arm. An order that lacks some of
 * the exact runs that others have, as it may where the comparison was stopped, does not count there.
 */
export function analyse(runs: readonly FinishedRun[]): ArmResult[] {
  const names = [...new Set(runs.map(({ arm }) => arm))];
  // Exact steps cost the same however many there are.
  const kindOf = (arm: string) => (isExactOfSomeLength(arm) ? exactArm.name : arm);
  const clocks = new Map(
    names.map((name) => [name, clockOf(runs.filter(({ arm }) => kindOf(arm) === kindOf(name)))]),
  );
  return names.map((name) => {
    const own = runs.filter(({ arm }) => arm === name);
    const clock = clocks.get(name)!;
    const steps = stepsOf(own[0]!);
    const curve = own[0]!.heldOut.map(({ step }) => ({
      step,
      seconds: clock && clock.timeAt(step) / 1000,
      loss: mean(own.map((run) => lossAt(run, step))),
    }));
    return {
      arm: name,
      runs: own.length,
      steps,
      keptPerRow: mean(own.map(({ keptPerRow }) => keptPerRow)),
      millisecondsPerStep: clock && clock.timeAt(steps) / steps,
      heldOut: curve.at(-1)!.loss,
      curve,
      atSteps: name === exactArm.name ? [] : differencesByStep(runs, own),
      atTime: name === exactArm.name ? null : differenceAtTime(runs, own, clocks),
    };
  });
}

/** How long the runs of an arm take. */
interface Clock {
  readonly device: string;
  /** Milliseconds until a step is done. */
  readonly timeAt: (step: number) => number;
  /** The other way round; parts of steps count. */
  readonly stepAt: (time: number) => number;
}

/**
 * Every step takes the median over all steps of its kind, exact first ones and those after them: a machine that is busy now
 * and then moves it little. Probes are spread over all steps. Null for runs on different devices.
 */
function clockOf(runs: readonly FinishedRun[]): Clock | null {
  const { device, exactFirst } = runs[0]!;
  if (runs.some((run) => run.device !== device)) return null;
  const probes = mean(runs.map((run) => run.probeMilliseconds / run.milliseconds.length));
  const timeOf = (from: number, to?: number) =>
    median(runs.flatMap(({ milliseconds }) => milliseconds.slice(from, to))) + probes;
  const later = timeOf(exactFirst);
  const first = exactFirst === 0 ? later : timeOf(0, exactFirst);
  const early = first * exactFirst;
  return {
    device,
    timeAt: (step) => (step <= exactFirst ? first * step : early + later * (step - exactFirst)),
    stepAt: (time) => (time <= early ? time / first : exactFirst + (time - early) / later),
  };
}

function stepsOf({ heldOut }: FinishedRun): number {
  return heldOut.at(-1)!.step;
}

function differencesByStep(runs: readonly FinishedRun[], own: readonly FinishedRun[]): ArmResult["atSteps"] {
  const exact = runs.filter(({ arm }) => arm === exactArm.name);
  if (exact.length === 0 || stepsOf(exact[0]!) !== stepsOf(own[0]!)) return [];
  return own[0]!.heldOut
    .filter(({ step }) => step > 0)
    .map(({ step }) => ({
      step,
      difference: overOrders(own, (run) => {
        const partner = exact.find(({ order }) => order === run.order);
        return partner === undefined ? null : lossAt(run, step) - lossAt(partner, step);
      }),
    }));
}

function differenceAtTime(
  runs: readonly FinishedRun[],
  own: readonly FinishedRun[],
  clocks: ReadonlyMap<string, Clock | null>,
): ArmResult["atTime"] {
  const exact = runs.filter(({ arm }) => arm === exactArm.name);
  if (exact.length === 0) return null;
  const [ownClock, exactClock] = [clocks.get(own[0]!.arm)!, clocks.get(exactArm.name)!];
  if (ownClock === null || ownClock.device !== exactClock?.device) return null;
  const exactTime = (run: FinishedRun) => exactClock.timeAt(stepsOf(run));
  const exactArms = new Set(runs.map(({ arm }) => arm).filter(isExactOfSomeLength)).size;
  const time = Math.min(ownClock.timeAt(stepsOf(own[0]!)), exactTime(exact[0]!));
  const difference = overOrders(own, (run) => {
    const lengths = runs
      .filter(({ arm, order }) => order === run.order && isExactOfSomeLength(arm))
      .map((other) => ({ run: other, time: exactTime(other), loss: lossAt(other, stepsOf(other)) }))
      .sort((a, b) => a.time - b.time);
    const whole = lengths.find((one) => one.run.arm === exactArm.name);
    if (whole === undefined || lengths.length < exactArms) return null;
    const planned =
      time < lengths[0]!.time
        ? null
        : interpolate(
            lengths.map((l) => [Math.log(l.time), l.loss]),
            Math.log(time),
          );
    const exactLoss = planned ?? lossAt(whole.run, exactClock.stepAt(time));
    return lossAt(run, ownClock.stepAt(time)) - exactLoss;
  });
  return { seconds: time / 1000, difference };
}

function isExactOfSomeLength(arm: string): boolean {
  return arm === exactArm.name || /^exact, \d+ steps$/.test(arm);
}

/** Student's interval over orders of the mean over an order's draws. Runs without a partner do not count. */
function overOrders(
  own: readonly FinishedRun[],
  differenceOf: (run: FinishedRun) => number | null,
): Interval {
  const orders = [...new Set(own.map(({ order }) => order))];
  const means = orders.flatMap((order) => {
    const differences = own
      .filter((run) => run.order === order)
      .map(differenceOf)
      .filter((difference) => difference !== null);
    return differences.length === 0 ? [] : [mean(differences)];
  });
  return meanInterval(means);
}

/** Held-out loss at a step, also between evaluations. */
function lossAt({ heldOut }: FinishedRun, step: number): number {
  return interpolate(
    heldOut.map((point) => [point.step, point.loss]),
    step,
  );
}

/** Linearly between points of ascending x; beyond them what the nearest one has. */
function interpolate(points: readonly (readonly [x: number, y: number])[], x: number): number {
  const after = points.findIndex((point) => point[0] >= x);
  if (after === -1) return points.at(-1)![1];
  if (after === 0) return points[0]![1];
  const [[x0, y0], [x1, y1]] = [points[after - 1]!, points[after]!];
  return y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

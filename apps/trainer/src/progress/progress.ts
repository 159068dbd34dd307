import { createLogUpdate } from "log-update";
import { formatBits, formatCount, formatDuration } from "../format.ts";
import type { StepRecord } from "../run-folder/record.ts";
import { paceOf } from "./pace.ts";

/** Shows how a run goes: a bar that is redrawn in a terminal, a line now and then elsewhere. */
export interface Progress {
  step(record: StepRecord): void;
  /** Says something that stays. */
  say(message: string): void;
  /** Leaves the last state in view. */
  end(): void;
}

interface Run {
  readonly steps: number;
  readonly tokensPerStep: number;
}

/** Lines of a log are this many milliseconds apart, but for the first and the last. */
const lineInterval = 10_000;
/** The bar is drawn at most once in so many milliseconds. */
const drawInterval = 50;
const barWidth = 30;
/** So many of the last steps make the pace: enough to be steady, few enough to follow a machine that slows down. */
const paceWindow = 20;

/** The progress of a run on standard error or another stream. `now` is a clock in milliseconds. */
export function showProgress(run: Run, output: NodeJS.WritableStream, now: () => number): Progress {
  return "isTTY" in output && output.isTTY ? bar(run, output, now) : lines(run, output, now);
}

function bar(run: Run, output: NodeJS.WritableStream, now: () => number): Progress {
  // Hiding the cursor would install signal handlers, which would stand between a second Ctrl-C and its effect.
  const update = createLogUpdate(output, { showCursor: true });
  const state = new State(run);
  const isDue = every(drawInterval, now);
  const draw = () => update(`${drawBar(state.share)} ${state.headline()}\n${state.details()}`);
  return {
    step(record) {
      state.add(record);
      if (isDue()) draw();
    },
    say(message) {
      update.clear();
      output.write(`${message}\n`);
    },
    end() {
      if (!state.isEmpty) draw();
      update.done();
    },
  };
}

function lines(run: Run, output: NodeJS.WritableStream, now: () => number): Progress {
  const state = new State(run);
  const isDue = every(lineInterval, now);
  return {
    step(record) {
      state.add(record);
      if (isDue() || record.step === run.steps) output.write(`${state.headline()}, ${state.details()}\n`);
    },
    say: (message) => void output.write(`${message}\n`),
    end: () => {},
  };
}

/** True at the first call, and then once in so many milliseconds. */
function every(interval: number, now: () => number): () => boolean {
  let last = -Infinity;
  return () => {
    if (now() - last < interval) return false;
    last = now();
    return true;
  };
}

function drawBar(share: number): string {
  const full = Math.round(share * barWidth);
  return "█".repeat(full) + "░".repeat(barWidth - full);
}

/** The last records, in words. */
class State {
  readonly #run: Run;
  readonly #recent: StepRecord[] = [];
  #heldOut: number | null = null;

  constructor(run: Run) {
    this.#run = run;
  }

  add(record: StepRecord): void {
    this.#recent.push(record);
    if (this.#recent.length > paceWindow) this.#recent.shift();
    this.#heldOut = record.heldOut ?? this.#heldOut;
  }

  get isEmpty(): boolean {
    return this.#recent.length === 0;
  }

  /** Of the steps, how many are done, from 0 to 1. */
  get share(): number {
    return this.#recent.at(-1)!.step / this.#run.steps;
  }

  headline(): string {
    const { step, bitsPerByte } = this.#recent.at(-1)!;
    const heldOut = this.#heldOut === null ? "" : ` (held out ${formatBits(this.#heldOut)})`;
    return `step ${step}/${this.#run.steps}, ${formatBits(bitsPerByte)} bits per byte${heldOut}`;
  }

  details(): string {
    const { tokensPerSecond, left, shares } = paceOf(this.#recent, this.#run);
    const percent = (share: number) => `${Math.round(share * 100)} %`;
    return [
      `${formatCount(tokensPerSecond)} tokens/s`,
      ...(shares === undefined
        ? ["parts not timed (no time stamps)"]
        : [
            `attention forward ${percent(shares.attentionForward)}`,
            `backward ${percent(shares.attentionBackward)}`,
            `rest ${percent(shares.rest)}`,
          ]),
      `${formatDuration(left)} left`,
    ].join(", ");
  }
}

/** The first Ctrl-C, as a signal that work can look at between its steps. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal;
}

/** What shells give a program that SIGINT ended. */
export const interruptedExitCode = 130;

const signals = ["SIGINT", "SIGTERM"] as const;

/**
 * Turns the first SIGINT or SIGTERM into an aborted signal and tells the user through `onInterrupt`. From then on
 * the system's own handling is back, so a second Ctrl-C ends the process at once, even in the middle of a kernel.
 */
export function catchInterrupt(onInterrupt: () => void): Interrupt {
  const controller = new AbortController();
  const release = () => {
    for (const name of signals) process.off(name, handle);
  };
  const handle = (name: NodeJS.Signals) => {
    // Two signals that came during one step are handed over together, the second before `release` has run.
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort(name);
    onInterrupt();
    setImmediate(release);
  };
  for (const name of signals) process.on(name, handle);
  return { signal: controller.signal, [Symbol.dispose]: release };
}

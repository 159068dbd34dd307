import { DeviceError } from "../errors.ts";

const filters = ["validation", "out-of-memory", "internal"] as const;

/**
 * What goes wrong on a GPU is known later than the call that caused it. This collects it: every call that can fail runs
 * in error scopes, and the first failure is thrown by the next `settle`. Losing the device ends every wait.
 */
export class Failures {
  /** Called where the GPU has run out of memory. */
  onOutOfMemory: () => void = () => {};
  readonly #device: GPUDevice;
  readonly #pending = new Set<Promise<void>>();
  readonly #waiting = new Set<() => void>();
  #first: DeviceError | undefined;
  #lost: DeviceError | undefined;

  constructor(device: GPUDevice) {
    this.#device = device;
    device.lost.then(({ reason, message }) => {
      const how = reason === "destroyed" ? "it was destroyed" : reason;
      this.end(new DeviceError(`webgpu: the device was lost (${how}): ${message}`));
    });
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** Ends all waits and makes every later call an error, as a loss does. */
  end(error: DeviceError): void {
    this.#lost ??= error;
    for (const give of this.#waiting) give();
    this.#waiting.clear();
  }

  /** Throws where the device is lost or disposed of. */
  check(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Runs `work` in error scopes; `what` names it in the error that the next `settle` throws. */
  scoped<R>(what: string, work: () => R): R {
    for (const filter of filters) this.#device.pushErrorScope(filter);
    try {
      return work();
    } finally {
      for (const filter of [...filters].reverse()) {
        this.expect(this.#device.popErrorScope().then((error) => this.#note(filter, what, error)));
      }
    }
  }

  /** Makes `settle` wait for work of the device. Where that fails the device is being lost, which is told elsewhere. */
  expect(work: Promise<unknown>): void {
    const done = this.#orLoss(work).then(
      () => {},
      () => {},
    );
    this.#pending.add(done);
    void done.then(() => this.#pending.delete(done));
  }

  /** Waits for work of the device. Rejects with a `DeviceError` that says so where the device is lost meanwhile. */
  async wait(work: Promise<unknown>): Promise<void> {
    try {
      await this.#orLoss(work);
    } catch (error) {
      // A loss also rejects what was under way, and may do so before it is announced.
      await this.#orLoss(nextTask());
      this.check();
      throw new DeviceError(`webgpu: ${String(error)}`);
    }
    this.check();
  }

  /** Waits for everything expected so far, and throws the first failure, once. */
  async settle(): Promise<void> {
    await Promise.all(this.#pending);
    this.check();
    const error = this.#first;
    this.#first = undefined;
    if (error !== undefined) throw error;
  }

  #note(filter: (typeof filters)[number], what: string, error: GPUError | null): void {
    if (error === null) return;
    this.#first ??= new DeviceError(`webgpu: ${describe(filter, what)}: ${error.message}`);
    if (filter === "out-of-memory") this.onOutOfMemory();
  }

  /** Settles with the work, or once the device is lost. (`Promise.race` would hold on to every work until then.) */
  #orLoss(work: Promise<unknown>): Promise<void> {
    if (this.#lost !== undefined) {
      work.catch(() => {});
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const give = () => resolve();
      this.#waiting.add(give);
      work.then(give, reject).finally(() => this.#waiting.delete(give));
    });
  }
}

function describe(filter: (typeof filters)[number], what: string): string {
  return filter === "out-of-memory" ? `out of memory, ${what}` : what;
}

function nextTask(): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), 0);
  });
}

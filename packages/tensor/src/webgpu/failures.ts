import { DeviceError } from "../errors.ts";

const filters = ["validation", "out-of-memory", "internal"] as const;

/** How long work that fails waits for the news that the device is lost. */
const announcementMilliseconds = 1000;

/**
 * What goes wrong on a GPU is known later than the call that caused it. This collects it: every call that can fail runs
 * in error scopes, and the first failure is thrown by the next `settle`. Losing the device ends every wait.
 */
export class Failures {
  /** Called where the GPU has run out of memory. */
  onOutOfMemory: () => void = () => {};
  readonly #device: GPUDevice;
  readonly #pending = new Set<Promise<void>>();
  readonly #loss = Promise.withResolvers<void>();
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

  /** Makes every later call an error, as a loss does. */
  end(error: DeviceError): void {
    this.#lost ??= error;
    this.#loss.resolve();
  }

  /** Throws where the device is lost or disposed of. */
  check(): void {
    if (this.#lost !== undefined) throw this.#lost;
  }

  /**
   * Runs `work` in error scopes; `what` names it in the error that the next `settle` throws, and `onError` is called as
   * soon as there is one.
   */
  scoped<R>(what: string, work: () => R, onError: () => void = () => {}): R {
    for (const filter of filters) this.#device.pushErrorScope(filter);
    try {
      return work();
    } finally {
      for (const filter of [...filters].reverse()) {
        const note = (error: GPUError | null) => {
          if (error === null) return;
          onError();
          this.#note(filter, what, error);
        };
        this.expect(this.#device.popErrorScope().then(note));
      }
    }
  }

  /** Makes `settle` wait for work of the device. Where that fails the device is being lost, which is told elsewhere. */
  expect(work: Promise<unknown>): void {
    const done = work.then(
      () => {},
      () => {},
    );
    this.#pending.add(done);
    void done.then(() => this.#pending.delete(done));
  }

  /**
   * Waits for work of the device. Rejects with a `DeviceError` that says so where the device is lost meanwhile, by which
   * WebGPU rejects all work.
   */
  async wait(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      // The loss may be announced after that.
      await Promise.race([this.#loss.promise, wait(announcementMilliseconds)]);
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

  #note(filter: (typeof filters)[number], what: string, error: GPUError): void {
    this.#first ??= new DeviceError(`webgpu: ${describe(filter, what)}: ${withoutTrace(error)}`);
    if (filter === "out-of-memory") this.onOutOfMemory();
  }
}

/** Dawn adds where in its own sources it noticed. */
function withoutTrace({ message }: GPUError): string {
  return message.replace(/\n\s+at .*/g, "").trim();
}

function describe(filter: (typeof filters)[number], what: string): string {
  return filter === "out-of-memory" ? `out of memory, ${what}` : what;
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

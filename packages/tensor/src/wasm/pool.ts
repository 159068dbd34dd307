import { DeviceError } from "../errors.ts";
import workerSource from "./worker.js?text";

/*
 * The control block in shared memory, in 32-bit words. The host writes a job, opens it, bumps the sequence and wakes
 * the threads; all of them, the host included, take parts of the range from the cursor until it is used up.
 *
 *   0 sequence, changes with every job     8 kernel number       128.. arguments, float64
 *   1 threads at work besides the host     9 module address     1024.. error message
 *   2 state: 0 closed, 1 open, 2 ended    10 module bytes
 *   3 cursor: the next part's start       11 name address
 *   4 count: the range's end              12 name bytes
 *   5 chunk: the length of a part         13 arguments
 *   6 scratch address                     14 error bytes
 *   7 scratch bytes a thread              15 thread that failed, or 0
 */
const controlBytes = 2048;
const argumentsOffset = 128;
const messageOffset = 1024;
const maximumArguments = 64;

const [sequence, active, state, cursor, failed] = [0, 1, 2, 3, 15];
const [closed, open, ended] = [0, 1, 2];

/** How long the host waits for threads that make no progress before it gives the device up. */
const patienceMilliseconds = 120_000;
const spins = 4000;

/** A kernel that all threads can find: its module and its name lie in shared memory. */
export interface SharedKernel {
  readonly id: number;
  readonly module: { readonly address: number; readonly bytes: number };
  readonly name: { readonly address: number; readonly bytes: number };
  readonly call: (begin: number, end: number, scratch: number, ...args: number[]) => void;
}

export interface Job {
  readonly kernel: SharedKernel;
  readonly count: number;
  /** The range is split at multiples of this. */
  readonly chunk: number;
  readonly args: readonly number[];
  readonly scratch: number;
  /** Thread t, the host being 0, works in `scratch + t · scratchBytes`. */
  readonly scratchBytes: number;
}

/** Workers parked on an atomic in shared memory, which run kernels together with the host's own thread. */
export class ThreadPool {
  readonly threads: number;
  readonly #memory: WebAssembly.Memory;
  readonly #control: number;
  readonly #words: Int32Array;
  readonly #workers: readonly Thread[];
  #broken: string | undefined;
  #ended = false;

  /** Starts `threads - 1` workers and waits until they are parked. `allocate` reserves the control block. */
  static async open(
    memory: WebAssembly.Memory,
    threads: number,
    allocate: (bytes: number) => number,
  ): Promise<ThreadPool> {
    const control = allocate(controlBytes);
    new Uint8Array(memory.buffer, control, controlBytes).fill(0);
    const starts = Array.from({ length: threads - 1 }, (_, i) =>
      startThread({ memory, control, thread: i + 1 }),
    );
    return new ThreadPool(memory, control, await Promise.all(starts));
  }

  private constructor(memory: WebAssembly.Memory, control: number, workers: readonly Thread[]) {
    this.threads = workers.length + 1;
    this.#memory = memory;
    this.#control = control;
    this.#words = new Int32Array(memory.buffer, control, 32);
    this.#workers = workers;
    for (const worker of workers) {
      worker.onEnd((reason) => {
        if (!this.#ended) this.#broken ??= reason;
      });
    }
  }

  /** Runs a job on all threads and returns when it is done. Throws `DeviceError` where a thread failed or is gone. */
  run(job: Job): void {
    if (this.#broken !== undefined) throw new DeviceError(`wasm: a worker ended: ${this.#broken}`);
    this.#write(job);
    Atomics.store(this.#words, failed, 0);
    Atomics.store(this.#words, state, open);
    Atomics.add(this.#words, sequence, 1);
    Atomics.notify(this.#words, sequence);
    try {
      this.#work(job);
    } finally {
      Atomics.store(this.#words, cursor, job.count);
      Atomics.store(this.#words, state, closed);
      this.#join(job);
    }
    this.#throwFailure();
  }

  /** Ends the workers. */
  end(): void {
    this.#ended = true;
    Atomics.store(this.#words, state, ended);
    Atomics.add(this.#words, sequence, 1);
    Atomics.notify(this.#words, sequence);
    for (const worker of this.#workers) worker.end();
  }

  #write({ kernel, count, chunk, args, scratch, scratchBytes }: Job): void {
    if (args.length > maximumArguments) {
      throw new DeviceError(`wasm: expected at most ${maximumArguments} arguments, got ${args.length}`);
    }
    const { id, module, name } = kernel;
    this.#words.set([0, count, chunk, scratch, scratchBytes, id, module.address, module.bytes], cursor);
    this.#words.set([name.address, name.bytes, args.length], 11);
    new Float64Array(this.#memory.buffer, this.#control + argumentsOffset, args.length).set(args);
  }

  #work({ kernel, count, chunk, args, scratch }: Job): void {
    for (;;) {
      const begin = Atomics.add(this.#words, cursor, chunk);
      if (begin >= count) return;
      kernel.call(begin, Math.min(begin + chunk, count), scratch, ...args);
    }
  }

  /** Waits until no worker is active. A page's own thread may not sleep, so there it spins. */
  #join(job: Job): void {
    const deadline = performance.now() + patienceMilliseconds;
    for (let spin = 0; ; spin++) {
      const workers = Atomics.load(this.#words, active);
      if (workers === 0) return;
      if (spin > spins && maySleep) Atomics.wait(this.#words, active, workers, 50);
      if (spin % spins === 0 && performance.now() > deadline) {
        this.#broken = "it stopped answering";
        throw new DeviceError(`wasm: ${workers} workers did not finish a job of ${job.count} in time`);
      }
    }
  }

  #throwFailure(): void {
    const thread = Atomics.load(this.#words, failed);
    if (thread === 0) return;
    const bytes = new Uint8Array(this.#memory.buffer, this.#control + messageOffset, this.#words[14]).slice();
    throw new DeviceError(`wasm: thread ${thread} failed: ${new TextDecoder().decode(bytes)}`);
  }
}

interface Start {
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly thread: number;
}

interface Thread {
  onEnd(listener: (reason: string) => void): void;
  end(): void;
}

const nodeThreads = nodeBuiltins()?.("node:worker_threads");

/** Only a page's own thread must not block; Node and workers may. */
const maySleep = nodeThreads !== undefined || !("window" in globalThis);

function startThread(start: Start): Promise<Thread> {
  return nodeThreads === undefined ? startWebWorker(start) : startNodeWorker(nodeThreads, start);
}

function startNodeWorker({ Worker }: NodeThreads, start: Start): Promise<Thread> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerSource, { eval: true, workerData: start });
    worker.once("error", (error) => reject(new DeviceError(`wasm: a worker did not start: ${error}`)));
    worker.once("message", () => {
      // A device that nobody disposed must not keep the process alive.
      worker.unref();
      resolve({
        onEnd: (listener) => {
          worker.once("error", (error) => listener(String(error)));
          worker.once("exit", (code) => listener(`exit code ${code}`));
        },
        end: () => worker.unref(),
      });
    });
  });
}

function startWebWorker(start: Start): Promise<Thread> {
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }));
  return new Promise((resolve, reject) => {
    const worker = new Worker(url);
    worker.onerror = ({ message }) => reject(new DeviceError(`wasm: a worker did not start: ${message}`));
    worker.onmessage = () => {
      URL.revokeObjectURL(url);
      resolve({
        onEnd: (listener) => {
          worker.onerror = ({ message }) => listener(message);
        },
        end: () => worker.terminate(),
      });
    };
    worker.postMessage(start);
  });
}

interface NodeWorker {
  once(event: "error", listener: (error: unknown) => void): void;
  once(event: "exit", listener: (code: number) => void): void;
  once(event: "message", listener: () => void): void;
  unref(): void;
}
interface NodeThreads {
  readonly Worker: new (code: string, options: { eval: true; workerData: Start }) => NodeWorker;
}

/** Node's own modules, found without an import that would not resolve in a browser. */
function nodeBuiltins(): ((name: "node:worker_threads") => NodeThreads) | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: "node:worker_threads") => NodeThreads };
  };
  return process?.getBuiltinModule;
}

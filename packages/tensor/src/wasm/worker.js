// @ts-check
// One thread of the WebAssembly device. The build inlines this file as text and every worker evaluates it, so it
// imports nothing. It takes its orders from shared memory alone (pool.ts draws the layout of `control`): a worker that
// waits on an atomic never returns to its event loop and so receives no messages.

/**
 * Serves until the device is disposed.
 *
 * @param {{ memory: WebAssembly.Memory, control: number, thread: number }} start
 * @param {() => void} ready called once, before the first wait.
 */
function serve({ memory, control, thread }, ready) {
  const spins = 4000;
  const words = new Int32Array(memory.buffer, control, 32);
  /** @type {Map<number, (...args: number[]) => void>} */
  const kernels = new Map();
  /** @type {Map<number, WebAssembly.Exports>} */
  const modules = new Map();
  ready();

  for (let sequence = 0; ; ) {
    for (let spin = 0; spin < spins && Atomics.load(words, 0) === sequence; spin++);
    Atomics.wait(words, 0, sequence);
    sequence = Atomics.load(words, 0);
    // Joining comes before the look at the state: once the host has closed a job and sees nobody active, a thread that
    // comes late finds it closed and leaves the job's words alone.
    Atomics.add(words, 1, 1);
    const state = Atomics.load(words, 2);
    try {
      if (state === 1) work();
    } catch (error) {
      report(String(error));
    }
    if (Atomics.sub(words, 1, 1) === 1) Atomics.notify(words, 1);
    if (state === 2) return;
  }

  function work() {
    const kernel = kernels.get(words[8]) ?? load();
    const count = words[4];
    const chunk = words[5];
    const scratch = (words[6] >>> 0) + thread * (words[7] >>> 0);
    const args = new Float64Array(memory.buffer, control + 128, words[13]);
    for (;;) {
      const begin = Atomics.add(words, 3, chunk);
      if (begin >= count) return;
      kernel(begin, Math.min(begin + chunk, count), scratch, ...args);
    }
  }

  function load() {
    const address = words[9] >>> 0;
    let exports = modules.get(address);
    if (exports === undefined) {
      const module = new WebAssembly.Module(copy(address, words[10]));
      exports = new WebAssembly.Instance(module, { env: { memory } }).exports;
      modules.set(address, exports);
    }
    const name = new TextDecoder().decode(copy(words[11] >>> 0, words[12]));
    const kernel = /** @type {any} */ (exports[name]);
    kernels.set(words[8], kernel);
    return kernel;
  }

  /** @param {number} address @param {number} length */
  function copy(address, length) {
    return new Uint8Array(memory.buffer, address, length).slice();
  }

  /** @param {string} message */
  function report(message) {
    const bytes = new TextEncoder().encode(message).subarray(0, 1024);
    new Uint8Array(memory.buffer, control + 1024, bytes.length).set(bytes);
    words[14] = bytes.length;
    Atomics.store(words, 15, thread);
    // Nobody needs to take further parts of a job that has failed.
    Atomics.store(words, 3, words[4]);
  }
}

const node = globalThis.process?.getBuiltinModule?.("node:worker_threads");
if (node !== undefined) {
  serve(node.workerData, () => node.parentPort?.postMessage("ready"));
} else {
  addEventListener("message", ({ data }) => serve(data, () => postMessage("ready")));
}

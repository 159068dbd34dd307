import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundleProgram } from "@sus/build/program";
import { afterEach, expect, test, vi } from "vitest";
import { add } from "../add/index.ts";
import { openDevice } from "../device/open.ts";
import type { Tensor } from "../tensor.ts";
import { WasmDevice } from "./device.ts";
import { kernels } from "./kernels.ts";

const length = 100_003;
const a = Float32Array.from({ length }, (_, i) => i * 0.5);
const b = Float32Array.from({ length }, (_, i) => 3 - i);
const outsideMemory = 2 ** 32 - 64;

afterEach(() => {
  vi.unstubAllGlobals();
});

async function sum(device: WasmDevice): Promise<Float32Array> {
  using scope = device.scope();
  const out: Tensor = add(device.tensor(a, [length]), device.tensor(b, [length]));
  void scope;
  return (await out.read()) as Float32Array;
}

test("any number of threads gives the same bits, call after call", async () => {
  using single = await WasmDevice.open({ threads: 1 });
  const expected = await sum(single);
  for (const threads of [2, 3]) {
    using device = await WasmDevice.open({ threads });
    for (let repetition = 0; repetition < 200; repetition++) expect(await sum(device)).toEqual(expected);
  }
});

test("all threads take part", async () => {
  using device = await WasmDevice.open({ threads: 2 });
  expect(device.threads).toBe(2);
  expect(device.name).toContain("2 threads");
});

test.each([1, 2])("a kernel that fails is an error, and the device goes on: %i threads", async (threads) => {
  using device = await WasmDevice.open({ threads });
  const args = [outsideMemory, outsideMemory, outsideMemory];
  for (let repetition = 0; repetition < 20; repetition++) {
    expect(() => device.run(kernels, "add", length, args)).toThrow(/out of bounds/);
  }
  expect((await sum(device))[1]).toBe(2.5);
});

test("asks for what it can have", async () => {
  for (const threads of [0, 1.5, Number.NaN]) {
    await expect(openDevice("wasm", { threads })).rejects.toThrow(
      `wasm: expected threads to be a whole number of at least 1, got ${threads}`,
    );
  }
});

test("a page that is not cross-origin isolated gets one thread, and an error where it asks for more", async () => {
  vi.stubGlobal("crossOriginIsolated", false);
  using device = await openDevice("wasm");
  expect(device.threads).toBe(1);
  await expect(openDevice("wasm", { threads: 2 })).rejects.toThrow("wasm: 2 threads need shared memory");
});

test("a worker that is gone makes the next call an error at once, and every one after it", async () => {
  const threads = process.getBuiltinModule("node:worker_threads");
  const { Worker } = threads;
  const workers: InstanceType<typeof Worker>[] = [];
  threads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
  try {
    using device = await WasmDevice.open({ threads: 2 });
    await workers[0]?.terminate();
    for (let call = 0; call < 2; call++) {
      await expect(sum(device)).rejects.toThrow("wasm: a worker ended: exit code 1");
    }
  } finally {
    threads.Worker = Worker;
  }
});

test("a process ends by itself, whether it disposes its device or forgets to", async () => {
  await using program = await bundleProgram(fileURLToPath(new URL("../../test/exits.ts", import.meta.url)));
  for (const ending of ["dispose", "forget"]) {
    const { stdout } = await promisify(execFile)(process.execPath, [program.file, ending], {
      timeout: 20_000,
    });
    expect(stdout).toBe(`${ending}: 2.5\n`);
  }
});

test("takes every core unless told otherwise", async () => {
  using device = await openDevice("wasm");
  expect(device.threads).toBe(navigator.hardwareConcurrency);
});

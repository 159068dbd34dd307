import { describe, expect, test } from "vitest";
import { hasWebGpu, openGpu, openOwnGpu } from "../../test/gpu.ts";
import { numbers } from "../../test/support.ts";
import { add } from "../add/index.ts";
import { softmaxCrossEntropy } from "../cross-entropy/index.ts";
import { openDevice } from "../device/open.ts";
import { DeviceError } from "../errors.ts";
import { matmul } from "../matmul/index.ts";
import { nodeGpu, openDevice as openInNode } from "../node/index.ts";
import { WebGpuDevice } from "./device.ts";

/** From the specification, section 3.6.2. */
const defaultLimits = {
  maxStorageBuffersPerShaderStage: 8,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
  maxComputeWorkgroupStorageSize: 2 ** 14,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
  minStorageBufferOffsetAlignment: 256,
} as const;

test("Node has no WebGPU of its own, and the error says where to get it", async () => {
  await expect(openDevice("webgpu")).rejects.toThrow(
    'webgpu: there is no WebGPU here; in Node take openDevice from "@sus/tensor/node"',
  );
  using device = await openDevice("auto", { threads: 1 });
  expect([device.kind, device.reason]).toEqual(["wasm", "there is no WebGPU here"]);
});

describe.runIf(hasWebGpu)("opened in Node", () => {
  test("it has the default limits, and says what it is", async () => {
    using device = (await openInNode("webgpu")) as WebGpuDevice;
    for (const [name, limit] of Object.entries(defaultLimits)) {
      expect([name, device.device.limits[name as keyof typeof defaultLimits]]).toEqual([name, limit]);
    }
    expect([device.kind, device.reason, device.threads]).toEqual(["webgpu", "it was asked for", 1]);
    expect(device.name).toMatch(/^webgpu, \w+/);
    expect(device.device.features.has("shader-f16")).toBe(false);
  });

  test("it has the limits and features that are asked for", async () => {
    using device = await openOwnGpu({ limits: { maxBufferSize: 2 ** 29 }, subgroups: false });
    expect(device.device.limits.maxBufferSize).toBe(2 ** 29);
    expect([device.subgroups, device.device.features.has("subgroups")]).toEqual([false, false]);
    await expect(openOwnGpu({ limits: { maxBufferSize: 2 ** 60 } })).rejects.toThrow(/gives no device/);
  });

  test("auto takes the GPU unless it is made of software, and says why", async () => {
    const adapter = await (await nodeGpu()).requestAdapter();
    const software = /swiftshader|llvmpipe/i.test(JSON.stringify(adapter!.info.architecture));
    using device = await openInNode("auto", { threads: 1 });
    expect([device.kind, device.reason]).toEqual(
      software
        ? ["wasm", `the only adapter is software, ${adapter!.info.vendor} ${adapter!.info.architecture}`]
        : ["webgpu", "an adapter was found"],
    );
    using cpu = await openInNode("wasm", { threads: 1 });
    expect(cpu.kind).toBe("wasm");
  });
});

describe.runIf(hasWebGpu)("the caller's GPUDevice", () => {
  test("is used, with the caller's buffers, and never destroyed", async () => {
    using owner = await openOwnGpu();
    const raw = owner.device;
    const [usage, size] = [0x80 | 0x4 | 0x8, 16];
    const buffer = raw.createBuffer({ size, usage });
    raw.queue.writeBuffer(buffer, 0, Float32Array.of(1, 2, 3));
    {
      using guest = (await openDevice("auto", { device: raw })) as WebGpuDevice;
      expect(guest.reason).toBe("a GPUDevice was given");
      using x = guest.wrap(buffer, [3]);
      add(x, x, { out: x });
      expect([...(await x.read())]).toEqual([2, 4, 6]);
      expect(guest.buffer(x)).toBe(buffer);
      expect(() => guest.wrap(buffer, [5])).toThrow(
        "wrap: expected a buffer of at least 32 bytes for [5], got 16",
      );
    }
    using again = await WebGpuDevice.open({ device: raw });
    expect([...(await again.wrap(buffer, [3]).read())]).toEqual([2, 4, 6]);
  });
});

describe.runIf(hasWebGpu)("profile", () => {
  test("times every kernel by name, up to the last read", async () => {
    using device = await openGpu({ profile: true });
    const x = device.zeros([70, 70]);
    matmul(x, x);
    add(x, x);
    await device.settle();
    expect([...device.milliseconds.keys()].sort()).toEqual(["add", "matmul"]);
    for (const elapsed of device.milliseconds.values()) expect(elapsed).toBeGreaterThanOrEqual(0);
    expect(device.milliseconds.get("matmul")).toBeGreaterThan(0);
    device.resetMilliseconds();
    expect(device.milliseconds.size).toBe(0);
  });

  test("needs time stamps", async () => {
    using bare = await openOwnGpu();
    await expect(openDevice("webgpu", { device: bare.device, profile: true })).rejects.toThrow(DeviceError);
    using without = await openDevice("webgpu", { device: bare.device, profile: "optional" });
    using withThem = await openGpu({ profile: "optional" });
    expect([without.profiled, withThem.profiled]).toEqual([false, true]);
    const x = without.zeros([4]);
    expect(await add(x, x).read()).toEqual(new Float32Array(4));
    expect(without.milliseconds.size).toBe(0);
  });
});

test.runIf(hasWebGpu)("the same calls give the same bits, run after run", async () => {
  const runs: unknown[] = [];
  for (let run = 0; run < 3; run++) {
    using device = await openGpu();
    const a = device.tensor(numbers(90 * 700, 1), [90, 700]);
    const product = matmul(a, a, { transposeB: true });
    const targets = device.tensor(
      Uint32Array.from({ length: 90 }, (_, t) => t),
      [90],
    );
    const { loss, gradient } = softmaxCrossEntropy(product, targets);
    runs.push([await loss.read(), await gradient.read()]);
  }
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});

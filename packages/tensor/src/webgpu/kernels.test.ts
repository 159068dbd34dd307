import { describe, expect, test } from "vitest";
import { gpuWays, hasWebGpu, openGpu, openOwnGpu } from "../../test/gpu.ts";
import { add } from "../add/index.ts";
import { DeviceError } from "../errors.ts";
import { rmsNorm } from "../rms-norm/index.ts";
import { rowsOf } from "./chunks.ts";
import { kernel } from "./kernel.ts";
import { wgsl } from "./wgsl.ts";

/** out[i] = (base + i) factor STEP, a workgroup an element. */
const text = `
override STEP: f32 = 1;
struct Uniforms { factor: f32, base: i32, count: u32 }
@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;
@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = linearWorkgroup(workgroup, workgroups);
  if (i < u.count) { out[i] = f32(u.base + i32(i)) * u.factor * STEP; }
}
`;
const ramp = kernel("ramp", wgsl.index, text);
const uniforms = { count: 4, base: -2, factor: 0.5 };

describe.runIf(hasWebGpu)("a call of a kernel", () => {
  test("takes numbers of each type, constants, and tensors that stay on the GPU", async () => {
    using device = await openGpu();
    const out = device.empty([4]);
    device.run(ramp, { bindings: [out], uniforms, workgroups: 4 });
    expect([...(await out.read())]).toEqual([-1, -0.5, 0, 0.5]);
    const factor = device.tensor(Float32Array.of(3, 9), [2]);
    const onGpu = { count: 4, base: -1, factor };
    device.run(ramp, { bindings: [out], uniforms: onGpu, constants: { STEP: 10 }, workgroups: [4, 1, 1] });
    expect([...(await out.read())]).toEqual([-30, 0, 30, 60]);
  });

  test("binds parts of tensors", async () => {
    using device = await openGpu();
    const out = device.zeros([200]);
    const part = rowsOf(out, { first: 2, count: 1 }, 64);
    device.run(ramp, { bindings: [part], uniforms: { count: 2, base: 1, factor: 1 }, workgroups: 2 });
    const numbers = [...(await out.read())];
    expect(numbers.splice(128, 2)).toEqual([1, 2]);
    expect(numbers).toEqual(Array(198).fill(0));
  });

  test("folds a count of workgroups that is too large for one dimension", async () => {
    using device = await openGpu();
    const count = 100_000;
    const out = device.empty([count]);
    device.run(ramp, { bindings: [out], uniforms: { count, base: 0, factor: 1 }, workgroups: count });
    expect((await out.read()).findIndex((value, i) => value !== i)).toBe(-1);
    const rows = 66_000;
    const { rstd } = rmsNorm(device.zeros([rows, 1]), device.zeros([1]), 0.25);
    expect([...(await rstd.read())]).toEqual(Array(rows).fill(2));
  });

  test("runs nothing without workgroups", async () => {
    using device = await openGpu();
    const out = device.zeros([4]);
    device.run(ramp, { bindings: [out], uniforms, workgroups: 0 });
    expect([...(await out.read())]).toEqual([0, 0, 0, 0]);
  });

  test("that does not fit its text is an error at once", async () => {
    using device = await openGpu();
    const out = device.zeros([4]);
    const call = { bindings: [out], uniforms, workgroups: 1 };
    expect(() => device.run(ramp, { ...call, bindings: [] })).toThrow("ramp: expected 1 bindings, got 0");
    expect(() => device.run(ramp, { ...call, uniforms: { factor: 1 } })).toThrow(
      "ramp: expected a uniform base, got none",
    );
    expect(() => device.run(ramp, { ...call, workgroups: [1, 65_536, 1] })).toThrow(
      "ramp: expected at most 65535 workgroups a dimension, got 1,65536,1",
    );
    using other = await openGpu();
    expect(() => other.run(ramp, call)).toThrow("expected a tensor of this device");
    expect([...(await out.read())]).toEqual([0, 0, 0, 0]);
  });

  test("must not bind what it writes a second time, or more than a binding may hold", async () => {
    using device = await openGpu({ bindingBytes: 1024 });
    const pair = kernel(
      "pair",
      "@group(0) @binding(0) var<storage, read_write> out: array<f32>;",
      "@group(0) @binding(1) var<storage, read> x: array<f32>;",
      "@compute @workgroup_size(1) fn main() { out[0] = x[0]; }",
    );
    const x = device.zeros([512]);
    expect(() => device.run(pair, { bindings: [x, x], workgroups: 1 })).toThrow(
      "pair: binding 0 has 2048 bytes and may have 1024 (maxStorageBufferBindingSize)",
    );
    const [low, high] = [0, 1].map((first) => rowsOf(x, { first, count: 1 }, 64));
    expect(() => device.run(pair, { bindings: [low!, low!], workgroups: 1 })).toThrow(
      "pair: expected bindings of separate memory, 0 is written and shares that of 1",
    );
    // Apart, but of one buffer, which WebGPU does not let be read and written in one call.
    expect(() => device.run(pair, { bindings: [low!, high!], workgroups: 1 })).toThrow(
      "pair: expected bindings of separate memory, 0 is written and shares that of 1",
    );
  });

  test("whose text is wrong is an error of the next read, which names it", async () => {
    using device = await openGpu();
    const wrong = kernel("wrong", "@compute @workgroup_size(1) fn main() { let x: f32 = 1u; }");
    device.run(wrong, { bindings: [], workgroups: 1 });
    const x = device.zeros([1]);
    await expect(x.read()).rejects.toThrow(/webgpu: wrong: .*f32/);
    expect([...(await x.read())]).toEqual([0]);
    device.run(wrong, { bindings: [], workgroups: 1 });
    await expect(device.settle()).rejects.toThrow(DeviceError);
  });
});

describe.runIf(hasWebGpu)("calls follow each other", () => {
  test("through many batches", async () => {
    using device = await openOwnGpu();
    const [sum, one] = [device.zeros([5]), device.tensor(new Float32Array(5).fill(1), [5])];
    for (let i = 0; i < 300; i++) add(sum, one, { out: sum });
    expect([...(await sum.read())]).toEqual(Array(5).fill(300));
  });

  test("and memory that is given back is not written before they have read it", async () => {
    using device = await openOwnGpu();
    using first = device.tensor(Float32Array.of(1), [1]);
    const sum = add(first, first);
    first[Symbol.dispose]();
    const { reserved } = device.memory;
    const second = device.tensor(Float32Array.of(5), [1]);
    expect(device.memory.reserved).toBe(reserved);
    expect([(await sum.read())[0], (await second.read())[0]]).toEqual([2, 5]);
  });
});

test.runIf(hasWebGpu)("constants are made once, while there are not too many", async () => {
  using device = await openGpu();
  const made: number[] = [];
  const read = (i: number) =>
    device
      .constant(`constant ${i}`, () => {
        made.push(i);
        return Float32Array.of(i);
      })
      .read();
  const { used } = device.memory;
  for (const i of [1, 2, 1]) expect([...(await read(i))]).toEqual([i]);
  expect(made.splice(0)).toEqual([1, 2]);
  for (let i = 3; i < 66; i++) await read(i);
  made.splice(0);
  // The second one was used before all others.
  for (const i of [1, 2]) expect([...(await read(i))]).toEqual([i]);
  expect(made).toEqual([2]);
  expect(device.memory.used).toBe(used);
});

/** Every thread writes the sum and the largest of what the threads have, which for one of them is far above the others. */
const reductions = kernel(
  "reductions",
  wgsl.reduce,
  `
override WORKGROUP: u32 = 64;
struct Uniforms { high: u32 }
@group(0) @binding(0) var<storage, read_write> out: array<vec2f>;
@group(1) @binding(0) var<uniform> u: Uniforms;
@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  let value = select(f32(lane), 1000.0, lane == u.high);
  let sum = workgroupSum(value, lane);
  out[lane] = vec2f(sum, workgroupMax(value, lane));
}
`,
);

describe.runIf(hasWebGpu).each(gpuWays)("reductions, %s", (_name, way) => {
  test.each([32, 64, 256])("over %i threads reach all of them", async (threads) => {
    using device = await openGpu(way);
    const out = device.empty([threads, 2]);
    for (let high = 0; high < threads; high += 3) {
      const call = { bindings: [out], uniforms: { high }, constants: { WORKGROUP: threads } };
      device.run(reductions, { ...call, workgroups: 1 });
      const sum = (threads * (threads - 1)) / 2 - high + 1000;
      const expected = Array.from({ length: threads }, () => [sum, 1000]).flat();
      expect([...(await out.read())]).toEqual(expected);
    }
  });
});

test.runIf(hasWebGpu)(
  "a tensor above the default limit of a binding, 128 MiB, is treated in chunks",
  async () => {
    using device = await openOwnGpu();
    expect(device.bindingBytes).toBe(2 ** 27);
    const elements = 2 ** 25 + 100;
    const x = device.tensor(
      Float32Array.from({ length: elements }, (_, i) => i % 1000),
      [elements],
    );
    add(x, x, { out: x });
    const sums = await x.read();
    expect(sums.findIndex((sum, i) => sum !== 2 * (i % 1000))).toBe(-1);
  },
);

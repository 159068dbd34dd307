import { expect, test } from "vitest";
import { onEveryDevice } from "../../test/support.ts";
import { add } from "../add/index.ts";
import { DeviceError, ShapeError } from "../errors.ts";
import { openDevice } from "./open.ts";

const one = { threads: 1 } as const;

onEveryDevice("a device", (open) => {
  test("holds what it was given, of each type", async () => {
    using device = await open();
    const arrays = [Float32Array.of(0.5, -1), Int32Array.of(-7, 8), Uint32Array.of(2 ** 32 - 1, 0)];
    for (const [i, dtype] of (["f32", "i32", "u32"] as const).entries()) {
      const tensor = device.tensor(arrays[i]!, [1, 2]);
      expect([tensor.dtype, tensor.shape, tensor.size]).toEqual([dtype, [1, 2], 2]);
      expect(await tensor.read()).toEqual(arrays[i]);
      expect([...(await device.zeros([3], dtype).read())]).toEqual([0, 0, 0]);
    }
    expect(() => device.tensor(arrays[0]!, [3])).toThrow("tensor: expected 3 elements for [3], got 2");
    expect(() => device.zeros([2, -1])).toThrow(
      "expected a shape of whole numbers of at least 0, got [2, -1]",
    );
    expect(() => device.zeros([0.5])).toThrow(ShapeError);
  });

  test("what was read is a copy", async () => {
    using device = await open();
    const source = Float32Array.of(1, 2);
    const tensor = device.tensor(source, [2]);
    source[0] = 9;
    const copy = await tensor.read();
    copy[1] = 9;
    expect([...(await tensor.read())]).toEqual([1, 2]);
  });

  test("memory is counted, and freed with its last handle", async () => {
    using device = await open();
    const tensor = device.zeros([100]);
    const { used } = device.memory;
    expect(used).toBeGreaterThanOrEqual(400);
    const [shared, reshaped] = [tensor.share(), tensor.reshape([10, 10])];
    expect(device.memory.used).toBe(used);
    for (const handle of [tensor, reshaped, tensor]) {
      handle[Symbol.dispose]();
      expect(device.memory.used).toBe(used);
    }
    expect([...(await shared.read())]).toEqual(Array(100).fill(0));
    shared[Symbol.dispose]();
    expect(device.memory.used).toBe(0);
    expect(device.memory.peak).toBe(used);
    device.resetPeak();
    expect(device.memory.peak).toBe(0);
    expect(device.memory.reserved).toBeGreaterThanOrEqual(used);
  });
});

test("a handle that was disposed is an error that names its shape", async () => {
  using device = await openDevice("wasm", one);
  const tensor = device.zeros([2, 3]);
  tensor[Symbol.dispose]();
  expect(tensor.disposed).toBe(true);
  const message = "tensor of shape [2, 3] was used after it was disposed";
  for (const use of [
    () => tensor.read(),
    () => tensor.share(),
    () => tensor.reshape([6]),
    () => add(tensor, device.zeros([2, 3])),
    () => add(device.zeros([2, 3]), tensor),
  ]) {
    expect(use).toThrow(message);
    expect(use).toThrow(DeviceError);
  }
});

test("reshape keeps the size", async () => {
  using device = await openDevice("wasm", one);
  expect(() => device.zeros([2, 3]).reshape([5])).toThrow(
    "reshape: expected 6 elements like [2, 3], got [5]",
  );
});

test("a scope disposes what was made in it, but for what is kept", async () => {
  using device = await openDevice("wasm", one);
  const outside = device.zeros([1]);
  const scope = device.scope();
  const [lost, disposed, kept] = [device.zeros([1]), device.zeros([1]), scope.keep(device.zeros([1]))];
  const sum = add(lost, outside);
  disposed[Symbol.dispose]();
  scope[Symbol.dispose]();
  scope[Symbol.dispose]();
  expect([outside, lost, disposed, kept, sum].map((tensor) => tensor.disposed)).toEqual([
    false,
    true,
    true,
    false,
    true,
  ]);
  expect(device.memory.used).toBe(128);
});

test("scopes nest and close in reverse order", async () => {
  using device = await openDevice("wasm", one);
  const outer = device.scope();
  const first = device.zeros([1]);
  const inner = device.scope();
  const second = device.zeros([1]);
  expect(() => outer[Symbol.dispose]()).toThrow("scope: expected scopes to close in reverse order");
  expect([first.disposed, second.disposed]).toEqual([false, false]);
  inner[Symbol.dispose]();
  expect([first.disposed, second.disposed]).toEqual([false, true]);
  outer[Symbol.dispose]();
  expect(first.disposed).toBe(true);
});

test("tensors of two devices do not mix", async () => {
  using first = await openDevice("wasm", { ...one, relaxed: true });
  using second = await openDevice("wasm", { ...one, relaxed: false });
  expect(() => add(first.zeros([1]), second.zeros([1]))).toThrow(
    "add: expected tensors of one device, got wasm, relaxed SIMD, 1 thread and wasm, SIMD, 1 thread",
  );
});

test("a device that was disposed is an error, its tensors can still be dropped", async () => {
  const device = await openDevice("wasm", one);
  const tensor = device.zeros([2]);
  device[Symbol.dispose]();
  device[Symbol.dispose]();
  expect(() => device.zeros([2])).toThrow("wasm: the device was disposed");
  expect(() => add(tensor, tensor)).toThrow("the device was disposed");
  tensor[Symbol.dispose]();
});

test("kernels are timed where asked for", async () => {
  using device = await openDevice("wasm", { ...one, profile: true });
  add(device.zeros([1]), device.zeros([1]));
  expect([...device.milliseconds.keys()]).toEqual(["add"]);
  expect(device.milliseconds.get("add")).toBeGreaterThanOrEqual(0);
  device.resetMilliseconds();
  expect(device.milliseconds.size).toBe(0);
  using plain = await openDevice("wasm", one);
  add(plain.zeros([1]), plain.zeros([1]));
  expect(plain.milliseconds.size).toBe(0);
});

test("openDevice names what it accepts", async () => {
  await expect(openDevice("cuda" as never)).rejects.toThrow(
    'openDevice: expected "wasm", "webgpu" or "auto", got "cuda"',
  );
  using device = await openDevice("auto", one);
  expect(device.kind).toBe("wasm");
});

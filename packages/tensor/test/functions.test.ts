import { expect, test } from "vitest";
import binary from "../assembly/testing/functions.ts?kernels";
import { type Device, kernel, WasmDevice, type WebGpuDevice, wgsl } from "../src/index.ts";
import functionsText from "./functions.wgsl?text";
import { hasWebGpu, openGpu } from "./gpu.ts";
import { numbers, onBothBuilds, onEveryDevice } from "./support.ts";

const count = 40_000;

/** Numbers over the whole range, and as many between −2 and 2. */
function arguments32(limit: number): Float32Array<ArrayBuffer> {
  const [wide, near] = [numbers(count / 2, 1, limit), numbers(count / 2, 2, 2)];
  return Float32Array.from({ length: count }, (_, i) => (i % 2 ? wide[i >> 1]! : near[i >> 1]!));
}

const inWgsl = {
  exp: "fn evaluate(x: vec4f) -> vec4f { return exp4(x); }",
  sigmoid: "fn evaluate(x: vec4f) -> vec4f { return sigmoid4(x); }",
  log: "fn evaluate(x: vec4f) -> vec4f { return vec4f(log1(x.x), log1(x.y), log1(x.z), log1(x.w)); }",
} as const;
const kernels = Object.fromEntries(
  Object.entries(inWgsl).map(([name, text]) => [
    name,
    kernel(name, wgsl.index, wgsl.exp, wgsl.log, text, functionsText),
  ]),
);

async function evaluate(
  device: Device,
  name: keyof typeof inWgsl,
  x: Float32Array<ArrayBuffer>,
): Promise<Float32Array> {
  const [from, out] = [device.tensor(x, [x.length]), device.zeros([x.length])];
  if (device instanceof WasmDevice) {
    device.run(binary, name, x.length, [device.pointer(from), device.pointer(out)], { scratchBytes: 128 });
  } else {
    const workgroups = Math.ceil(x.length / 256);
    (device as WebGpuDevice).run(kernels[name]!, { bindings: [out, from], workgroups });
  }
  return (await out.read()) as Float32Array;
}

/** The largest error in units in the last place of a float32. */
function worstUlp(actual: Float32Array, exact: (i: number) => number): number {
  let worst = 0;
  for (const [i, value] of actual.entries()) {
    const truth = exact(i);
    worst = Math.max(worst, Math.abs(value - truth) / 2 ** (Math.floor(Math.log2(truth)) - 23));
  }
  return worst;
}

onEveryDevice(
  "shared functions",
  (open) => {
    test("exp is within 2 ulp, and bounded", async () => {
      using device = (await open()) as WasmDevice;
      const x = arguments32(87);
      expect(worstUlp(await evaluate(device, "exp", x), (i) => Math.exp(x[i]!))).toBeLessThan(2);
      const edges = Float32Array.of(0, -0, 1e9, Infinity, -1e9, -Infinity, Number.NaN, 88.7);
      const [zero, minusZero, large, infinite, small, none, nan, near] = await evaluate(device, "exp", edges);
      expect([zero, minusZero, nan]).toEqual([1, 1, Number.NaN]);
      for (const top of [large, infinite]) expect(top).toBeGreaterThan(3.4e38);
      for (const top of [large, infinite]) expect(top).toBeLessThan(Infinity);
      for (const bottom of [small, none]) expect(bottom).toBeGreaterThan(0);
      for (const bottom of [small, none]) expect(bottom).toBeLessThan(1.2e-38);
      expect(near! / Math.exp(Math.fround(88.7))).toBeCloseTo(1, 6);
    });

    test("sigmoid is within 3 ulp", async () => {
      using device = await open();
      const x = arguments32(80);
      const exact = (i: number) => 1 / (1 + Math.exp(-x[i]!));
      expect(worstUlp(await evaluate(device, "sigmoid", x), exact)).toBeLessThan(3);
    });
  },
  { bindingBytes: 2 ** 20 },
);

test.runIf(hasWebGpu)("log in WGSL is within 3.5 ulp of the larger of 1/8 and the result", async () => {
  using device = await openGpu();
  const x = Float32Array.from(numbers(count, 1, 37), (exponent, i) =>
    i % 2 ? 10 ** exponent : 1 + exponent / 74,
  );
  x.set([1, 2, 0.5, Math.E, 1 + 2 ** -23]);
  x.set([Infinity, Number.NaN], count - 2);
  const out = await evaluate(device, "log", x);
  expect([...out.subarray(-2)]).toEqual([Infinity, Number.NaN]);
  const worst = out.subarray(0, -2).reduce((most, value, i) => {
    const truth = Math.log(x[i]!);
    return Math.max(most, Math.abs(value - truth) / Math.max(1 / 8, Math.abs(truth)));
  }, 0);
  expect(worst).toBeLessThan(3.5 * 2 ** -24);
});

onBothBuilds("shared functions", (open) => {
  test("log is good to 1e-15 of the larger of 1 and the result", async () => {
    using device = (await open()) as WasmDevice;
    const x = Float64Array.from(numbers(count, 1, 300), (exponent) => 10 ** exponent);
    x.set([1, 2, 0.5, Math.E, 1 + 2 ** -30]);
    const edges = [Infinity, Number.NaN];
    x.set(edges, count - 2);
    const [from, to] = [device.allocate(8 * count), device.allocate(8 * count)];
    device.viewAt("u32", from, 2 * count).set(new Uint32Array(x.buffer));
    device.run(binary, "log", count, [from, to]);
    const out = new Float64Array(device.viewAt("u32", to, 2 * count).slice().buffer);
    expect([...out.subarray(-2)]).toEqual(edges);
    const worst = out.subarray(0, -2).reduce((most, value, i) => {
      const truth = Math.log(x[i]!);
      return Math.max(most, Math.abs(value - truth) / Math.max(1, Math.abs(truth)));
    }, 0);
    expect(worst).toBeLessThan(1e-15);
  });
});

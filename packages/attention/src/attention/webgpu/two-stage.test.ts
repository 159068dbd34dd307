import { fold, key, resolution, rotationBits } from "@sus/graph";
import { csr } from "@sus/sparse";
import { type Device, DeviceError, type Tensor, type WasmDevice, type WebGpuDevice } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { hasWebGpu, onEachGpu, onWasm, openGpu, type RunOnGpu } from "../../../test/gpu.ts";
import {
  estimateOf,
  expectAsPrecise,
  onDevice,
  type Problem,
  problemOf,
  uneven,
} from "../../../test/problems.ts";
import { type AttentionForward, attentionBackward, attentionForward } from "../index.ts";
import { problemOf as sizesOf } from "../problem.ts";
import { backwardReference, forwardReference } from "../reference.ts";
import { thinWasm } from "../wasm/thin.ts";
import { type Thinned, thinWebGpu } from "./thin.ts";

type Factor = "row" | "full";

const problems: readonly (Problem & { readonly c: number })[] = [
  { ...uneven(problemOf({ length: 40, depth: 5 })), c: 4 },
  { ...uneven(problemOf({ length: 70, depth: 16, batch: 2, queryHeads: 4, keyHeads: 2 })), c: 6 },
  { ...uneven(problemOf({ length: 61, depth: 33, queryHeads: 3, keyHeads: 1, causal: false })), c: 2.5 },
  { ...uneven(problemOf({ length: 300, depth: 4, spread: 1.5 })), c: 13 },
];
const root = key(9);

/** Below this relative distance from its threshold an entry may fall either way, for worths and λ are float32. */
const tie = 2e-5;

function thin(device: Device, forward: AttentionForward, dOut: Tensor): Thinned {
  const { q, k, v, sample, baseline, thinning } = forward;
  const first = { sample: sample!, factors: baseline?.factors };
  const gpu = device as WebGpuDevice;
  const windows = gpu.chunks("test", sample!.capacity, [1]);
  return thinWebGpu(gpu, sizesOf("test", q, k, v), forward, first, thinning!, dOut, windows);
}

/** What the processor draws in both stages, on the host. */
async function drawnByWasm(problem: Problem, c: number, factor: Factor) {
  let drawn: Awaited<ReturnType<typeof read>> | undefined;
  const read = async (device: Device) => {
    const { q, k, v, dOut } = onDevice(device, problem);
    const { causal } = problem;
    const forward = attentionForward(q, k, v, {
      causal,
      sample: { design: "two-stage", c, factor, key: root },
    });
    const first = { sample: forward.sample!, factors: forward.baseline!.factors };
    const sizes = sizesOf("test", q, k, v);
    const thinned = thinWasm(device as WasmDevice, sizes, forward, first, forward.thinning!, dOut)!;
    return {
      out: await forward.out.read(),
      lse: await forward.lse.read(),
      beta: await forward.baseline!.beta.read(),
      factors: await forward.baseline!.factors.read(),
      first: await forward.sample!.read(),
      second: await thinned.sample.read(),
      inverses: await thinned.factors!.read(),
      lambda: thinned.lambda,
    };
  };
  await onWasm(async (device) => {
    drawn = await read(device);
  });
  return drawn!;
}

/** The entries of a row: estimate and 1/q by column. */
function rowOf(
  { indptr, indices, data }: Awaited<ReturnType<Thinned["sample"]["read"]>>,
  inverses: ArrayLike<number>,
  row: number,
): ReadonlyMap<number, readonly [number, number]> {
  const entries = new Map<number, readonly [number, number]>();
  for (let e = indptr[row]!; e < indptr[row + 1]!; e++) entries.set(indices[e]!, [data[e]!, inverses[e]!]);
  return entries;
}

onEachGpu("the second stage", 2 ** 16, (run) => {
  describe.each(["row", "full"] as const)("factor %s", (factor) => {
    test.each(problems)(
      "keeps the entries that WebAssembly keeps of the same first stage: %#",
      async (problem) => {
        const { c, causal, length } = problem;
        const wasm = await drawnByWasm(problem, c, factor);
        await run(async (device) => {
          const { dOut, ...inputs } = onDevice(device, problem);
          const thinned = thin(
            device,
            {
              ...{ ...inputs, causal, scale: problem.scale, out: device.tensor(wasm.out, inputs.q.shape) },
              lse: device.tensor(wasm.lse, [wasm.lse.length]),
              sample: csr(device, wasm.first),
              baseline: {
                beta: device.tensor(wasm.beta, [wasm.beta.length]),
                factors: device.tensor(wasm.factors, [wasm.factors.length]),
              },
              thinning: { c, oversample: 3, factor, key: root },
            },
            dOut,
          );
          const second = await thinned.sample.read();
          const inverses = await thinned.factors!.read();
          expect(await thinned.kept.read()).toEqual(Uint32Array.of(second.data.length));
          const worth = worthOf(problem, wasm.out, factor);
          const columns = Array.from(wasm.first.indices);
          let different = 0;
          for (let row = 0; row < second.shape[0]; row++) {
            const [a, b] = [rowOf(wasm.second, wasm.inverses, row), rowOf(second, inverses, row)];
            expect([...b.keys()]).toEqual([...b.keys()].sort((x, y) => x - y));
            const rowKey = fold(fold(fold(root, 0xffffffff), Math.floor(row / length)), row % length);
            for (const j of new Set([...a.keys(), ...b.keys()])) {
              const [wanted, actual] = [a.get(j), b.get(j)];
              const e = columns.indexOf(j, wasm.first.indptr[row]!);
              const q = Math.min(1, wasm.lambda * wasm.first.data[e]! * worth(row, j));
              if (wanted !== undefined && actual !== undefined) {
                // Probabilities are rounded up to multiples of the resolution.
                const slack = tie + 2 * (resolution / Math.max(q, resolution));
                for (const [i, x] of wanted.entries()) {
                  expect(Math.abs(actual[i]! / x - 1)).toBeLessThanOrEqual(slack);
                }
                continue;
              }
              different++;
              const u = (rotationBits(rowKey, e - wasm.first.indptr[row]!) >>> 8) * resolution;
              expect(Math.abs(u - q)).toBeLessThanOrEqual(tie * q + resolution);
            }
          }
          expect(different).toBeLessThanOrEqual(1 + 1e-3 * wasm.first.data.length);
        });
      },
    );

    test.each(problems)("its backward pass is as precise as plain loops: %#", (problem) =>
      run(async (device) => {
        const { c, causal } = problem;
        const { q, k, v, dOut } = onDevice(device, problem);
        const baseline = causal;
        const sample = { design: "two-stage", c, factor, key: root, baseline } as const;
        const forward = attentionForward(q, k, v, { causal, sample });
        const { dq, dk, dv, thinned } = attentionBackward(forward, forward.sample!, dOut);
        // A function of the first stage: the same again.
        const second = thin(device, forward, dOut);
        const kept = (await second.sample.read()).data.length;
        expect(await (thinned as Tensor).read()).toEqual(Uint32Array.of(kept));
        // 99.9 % and more of what was asked for, give or take eight standard deviations of independent rows.
        const rows = second.sample.shape[0];
        expect(Math.abs(kept - c * rows)).toBeLessThan(0.001 * c * rows + 8 * Math.sqrt(c * rows));
        const estimate = await estimateOf({
          ...forward,
          sample: second.sample,
          ...(baseline ? { baseline: { beta: forward.baseline!.beta, factors: second.factors! } } : {}),
        });
        const wanted = backwardReference(problem, estimate, problem.dOut);
        const plain = backwardReference(problem, estimate, problem.dOut, Math.fround);
        expectAsPrecise(await dq.read(), wanted.dq, plain.dq);
        expectAsPrecise(await dk.read(), wanted.dk, plain.dk);
        expectAsPrecise(await dv.read(), wanted.dv, plain.dv);
      }),
    );

    test("runs repeat bit for bit", () =>
      run(async (device) => {
        const problem = uneven(problemOf({ length: 90, depth: 12, queryHeads: 4, keyHeads: 2 }));
        const compute = async () => {
          const { q, k, v, dOut } = onDevice(device, problem);
          const sample = { design: "two-stage", c: 5, factor, key: key(2) } as const;
          const forward = attentionForward(q, k, v, { sample });
          const { dq, dk, dv, thinned } = attentionBackward(forward, forward.sample!, dOut);
          return Promise.all([dq, dk, dv, thinned as Tensor].map((tensor) => tensor.read()));
        };
        expect(await compute()).toEqual(await compute());
      }));

    test("cotangents at the edges of float32 are thinned without NaN", () => edges(run, factor));
  });

  test("baselines of all gradients are refused, before anything is computed", () =>
    run(async (device) => {
      const { q, k, v } = onDevice(device, problemOf({ length: 5, depth: 4 }));
      const sample = { design: "two-stage", c: 2, key: key(1), baseline: "all" } as const;
      const before = device.memory.used;
      expect(() => attentionForward(q, k, v, { sample })).toThrow(DeviceError);
      expect(() => attentionForward(q, k, v, { sample })).toThrow('"all" runs on wasm, not yet on webgpu');
      expect(device.memory.used).toBe(before);
    }));

  test("where no more is kept than is wanted, all of it is left", () =>
    run(async (device) => {
      const { q, k, v, dOut } = onDevice(device, problemOf({ length: 20, depth: 4 }));
      const forward = attentionForward(q, k, v, { sample: { design: "two-stage", c: 50, key: root } });
      const { sample, factors } = thin(device, forward, dOut);
      expect(await sample.read()).toEqual(await forward.sample!.read());
      const { data } = await sample.read();
      const inverses = await forward.baseline!.factors.read();
      expect((await factors!.read()).subarray(0, data.length)).toEqual(inverses.subarray(0, data.length));
    }));

  test("a cotangent of 0 has gradients of 0", () =>
    run(async (device) => {
      const { q, k, v } = onDevice(device, problemOf({ length: 30, depth: 4 }));
      const forward = attentionForward(q, k, v, { sample: { design: "two-stage", c: 2, key: root } });
      const { dq, dk, dv } = attentionBackward(forward, forward.sample!, device.zeros(q.shape));
      for (const gradient of [dq, dk, dv]) expect((await gradient.read()).every((x) => x === 0)).toBe(true);
    }));
});

async function edges(run: RunOnGpu, factor: Factor): Promise<void> {
  for (const size of [1e-30, 1e30]) {
    await run(async (device) => {
      const even = problemOf({ length: 100, depth: 8 });
      const problem = { ...even, dOut: even.dOut.map((x) => x * size) };
      const { q, k, v, dOut } = onDevice(device, problem);
      const forward = attentionForward(q, k, v, { sample: { design: "two-stage", c: 4, factor, key: root } });
      const { dq, dk, dv, thinned } = attentionBackward(forward, forward.sample!, dOut);
      const [kept = 0] = await (thinned as Tensor).read();
      expect(Math.abs(kept / 400 - 1)).toBeLessThan(0.2);
      for (const tensor of [dq, dk, dv]) expect((await tensor.read()).every(Number.isFinite)).toBe(true);
    });
  }
}

/** How much entry (row, j) matters, from the formula, in float64. */
function worthOf(
  problem: Problem,
  out: ArrayLike<number>,
  factor: Factor,
): (row: number, j: number) => number {
  const { q, k, v, dOut, length, queryHeads, keyHeads, depth, scale } = problem;
  const dot = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number) =>
    Array.from({ length: depth }, (_, t) => a[i * depth + t]! * b[j * depth + t]!).reduce((x, y) => x + y, 0);
  return (row, j) => {
    const head = Math.floor(row / length);
    const batch = Math.floor(head / queryHeads);
    const query = (batch * length + (row % length)) * queryHeads + (head % queryHeads);
    const keyAt = (batch * length + j) * keyHeads + Math.floor(((head % queryHeads) * keyHeads) / queryHeads);
    const square = dot(dOut, query, dOut, query);
    if (factor === "row") return Math.sqrt(square);
    const slope = dot(dOut, query, v, keyAt) - dot(dOut, query, out, query);
    return Math.sqrt(square + (scale * slope) ** 2 * (dot(k, keyAt, k, keyAt) + dot(q, query, q, query)));
  };
}

test.runIf(hasWebGpu)("unbiased: the mean of many draws is the exact gradient", async () => {
  using device = await openGpu();
  const problem = problemOf({ length: 12, depth: 4 });
  const exact = backwardReference(problem, forwardReference(problem), problem.dOut);
  // Every batch of a call draws on its own.
  const [calls, batch] = [12, 64];
  const copies = (x: Float32Array) =>
    Float32Array.from({ length: batch * x.length }, (_, i) => x[i % x.length]!);
  const { q, k, v, dOut } = onDevice(device, {
    ...problem,
    ...{
      batch,
      q: copies(problem.q),
      k: copies(problem.k),
      v: copies(problem.v),
      dOut: copies(problem.dOut),
    },
  });
  const names = ["dq", "dk", "dv"] as const;
  const sums = names.map((name) => ({
    name,
    sum: exact[name].map(() => 0),
    squares: exact[name].map(() => 0),
  }));
  for (let seed = 0; seed < calls; seed++) {
    using _ = device.scope();
    const sample = { design: "two-stage", c: 2, factor: "full", key: fold(key(12), seed) } as const;
    const forward = attentionForward(q, k, v, { sample });
    const gradients = attentionBackward(forward, forward.sample!, dOut);
    for (const { name, sum, squares } of sums) {
      for (const [i, x] of (await gradients[name].read()).entries()) {
        const at = i % sum.length;
        const error = x - exact[name][at]!;
        sum[at]! += error;
        squares[at]! += error * error;
      }
    }
  }
  // 144 means within five standard errors each, which normal ones miss once in 10,000 runs; the seed is fixed.
  for (const { sum, squares } of sums) {
    for (const [i, error] of sum.entries()) {
      expect(Math.abs(error)).toBeLessThanOrEqual(5 * Math.sqrt(squares[i]!) + 1e-3);
    }
    expect(squares.some((square) => square > 1)).toBe(true);
  }
});

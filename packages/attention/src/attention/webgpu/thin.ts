import { fold } from "@sus/graph";
import { boundStarts, Csr, countsToStarts } from "@sus/sparse";
import { allOrNothing, type Chunk, kernel, rowsOf, type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { AttentionResiduals, Problem, Thinning } from "../problem.ts";
import { largestFloat, mostSteps, secondStage } from "../thinning.ts";
import entriesText from "./lib/entries.wgsl?text";
import lambdaText from "./lib/lambda.wgsl?text";
import { bernoulliSlots, placesFor } from "./slots.ts";
import drawText from "./thin-draw.wgsl?text";
import keptText from "./thin-kept.wgsl?text";
import packText from "./thin-pack.wgsl?text";
import stepText from "./thin-step.wgsl?text";
import sumText from "./thin-sum.wgsl?text";
import { worthsOf } from "./worths.ts";

const sumKernel = kernel("attentionThinSum", wgsl.index, wgsl.reduce, lambdaText, sumText);
const stepKernel = kernel("attentionThinStep", wgsl.reduce, lambdaText, stepText);
const drawKernel = kernel(
  "attentionThinDraw",
  ...[wgsl.index, wgsl.random, entriesText, lambdaText, drawText],
);
const packKernel = kernel("attentionThinPack", wgsl.index, entriesText, packText);
const keptKernel = kernel("attentionThinKept", keptText);

/** As in the kernels: entries of a block of the sums, and teams of a workgroup. */
const [block, teams] = [4096, 4];

/** What the second stage left of a sample. */
export interface Thinned {
  readonly sample: Csr;
  /** 1/q of both stages, where the sample came with factors. */
  readonly factors?: Tensor;
  /** u32 [1]: how many entries are left. */
  readonly kept: Tensor;
}

/**
 * The second stage, as `thinWasm` draws it, with λ found on the device. Where there is nothing to thin, as no more is kept
 * than is wanted, all of the first stage is left; where dO is 0 next to nothing is.
 */
export function thinWebGpu(
  device: WebGpuDevice,
  problem: Problem,
  residuals: AttentionResiduals,
  first: { readonly sample: Csr; readonly factors: Tensor | undefined },
  thinning: Thinning,
  dOut: Tensor,
  windows: readonly Chunk[],
): Thinned {
  const { c, largest = c, oversample, factor } = thinning;
  const { sample } = first;
  const [rows] = sample.shape;
  using factors = worthsOf(device, problem, residuals, { factor, sample, dOut, windows });
  return allOrNothing((own) => {
    const starts = own(device.zeros([rows + 1], "u32"));
    using ordinals = device.empty([sample.capacity], "u32");
    draw(device, problem, thinning, { sample, factors, ordinals, starts, windows });
    countsToStarts(device, "attentionBackward", starts);
    const most = bernoulliSlots(problem.length, oversample * largest).capacity;
    const places = Math.min(sample.capacity, placesFor(rows, c, most));
    boundStarts(device, "attentionBackward", starts, places);

    const pack = (numbers: Tensor) => {
      const to = own(device.empty([places], numbers.dtype));
      for (const window of windows) {
        for (const held of device.chunks("attentionBackward", places, [1])) {
          const entries = [numbers, factors, ordinals].map((tensor) => rowsOf(tensor, window, 1));
          device.run(packKernel, {
            bindings: [rowsOf(to, held, 1), ...entries, sample.indptr, starts],
            uniforms: { rows, ...entriesIn(window), firstPlace: held.first, places: held.count },
            constants: { ESTIMATES: Number(numbers.dtype === "f32") },
            workgroups: Math.ceil(rows / teams),
          });
        }
      }
      return to;
    };
    const [indices, data] = [pack(sample.indices), pack(sample.data)];
    const left = first.factors && pack(first.factors);
    const kept = own(device.empty([1], "u32"));
    device.run(keptKernel, { bindings: [kept, starts], uniforms: { rows }, workgroups: 1 });
    const thinned = new Csr(sample.shape, { indptr: starts, indices, data }, { counted: false });
    return { sample: thinned, ...(left === undefined ? {} : { factors: left }), kept };
  });
}

interface Drawing {
  readonly sample: Csr;
  /** The worths, which become 1/q₂ of what is kept and 0 for the rest. */
  readonly factors: Tensor;
  readonly ordinals: Tensor;
  /** Zeros, which become the counts of the rows. */
  readonly starts: Tensor;
  readonly windows: readonly Chunk[];
}

function draw(
  device: WebGpuDevice,
  { length }: Problem,
  { c, key }: Thinning,
  { sample, factors, ordinals, starts, windows }: Drawing,
): void {
  const [rows] = sample.shape;
  using search = solve(device, sample, factors, windows, c * rows);
  const { k0, k1 } = fold(key, secondStage);
  for (const window of windows) {
    const entries = [factors, ordinals].map((tensor) => rowsOf(tensor, window, 1));
    device.run(drawKernel, {
      bindings: [...entries, starts, sample.indptr, search],
      uniforms: { rows, length, k0, k1, ...entriesIn(window) },
      workgroups: Math.ceil(rows / teams),
    });
  }
}

/** The λ for which Σ min(1, λ·x) = count, to 10⁻³: what lib/lambda.wgsl has. Steps after the last one do nothing. */
function solve(
  device: WebGpuDevice,
  { indptr, shape: [rows] }: Csr,
  worths: Tensor,
  windows: readonly Chunk[],
  count: number,
): Tensor {
  return allOrNothing((own) => {
    const search = own(device.zeros([4], "u32"));
    const blocks = windows.map(({ count }) => Math.ceil(count / block));
    const total = blocks.reduce((sum, blocks) => sum + blocks, 0);
    using sums = device.empty([total, 2], "u32");
    const whole = Math.min(2 ** 31 - 1, Math.floor(count));
    const wanted = { whole, fraction: count - Math.floor(count), most: largestFloat };
    for (let step = 0; step < mostSteps; step++) {
      let firstBlock = 0;
      for (const [i, window] of windows.entries()) {
        device.run(sumKernel, {
          bindings: [sums, search, indptr, rowsOf(worths, window, 1)],
          uniforms: { rows, ...entriesIn(window), firstBlock },
          workgroups: blocks[i]!,
        });
        firstBlock += blocks[i]!;
      }
      device.run(stepKernel, {
        bindings: [search, sums, indptr],
        uniforms: { rows, blocks: total, ...wanted },
        workgroups: 1,
      });
    }
    return search;
  });
}

function entriesIn({ first, count }: Chunk): { readonly firstEntry: number; readonly entries: number } {
  return { firstEntry: first, entries: count };
}

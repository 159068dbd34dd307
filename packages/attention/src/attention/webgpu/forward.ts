import type { Csr } from "@sus/sparse";
import {
  allOrNothing,
  DeviceError,
  type Kernel,
  kernel,
  type Tensor,
  type WebGpuDevice,
  wgsl,
} from "@sus/tensor";
import type { HeadSample } from "../budgets.ts";
import type { Baseline, Problem } from "../problem.ts";
import bernoulliText from "./bernoulli.wgsl?text";
import candidatesText from "./candidates.wgsl?text";
import crowdedText from "./crowded.wgsl?text";
import forwardText from "./forward.wgsl?text";
import baselineText from "./lib/baseline.wgsl?text";
import exp2Text from "./lib/exp2.wgsl?text";
import log2Text from "./lib/log2.wgsl?text";
import noBaselineText from "./lib/no-baseline.wgsl?text";
import placeText from "./lib/place.wgsl?text";
import rowSumsText from "./lib/row-sums.wgsl?text";
import slotOfText from "./lib/slot-of.wgsl?text";
import slotsText from "./lib/slots.wgsl?text";
import tileText from "./lib/tile.wgsl?text";
import noSampleText from "./no-sample.wgsl?text";
import normalisersText from "./normalisers.wgsl?text";
import { type BoundOperands, forEachPart, type Part, tileRows } from "./parts.ts";
import priorityText from "./priority.wgsl?text";
import { type Collected, collectCounted, type FilledSlots, selectLargest } from "./sample.ts";
import secondPassText from "./second-pass.wgsl?text";
import { rangesOf, rowTilesOf, sizesOf } from "./sizes.ts";
import { bernoulliSlots, prioritySlots, type SlotsFor, systematicSlots } from "./slots.ts";
import systematicText from "./systematic.wgsl?text";

const tiles = [wgsl.index, exp2Text, placeText, tileText];
const pass = [...tiles, rowSumsText, wgsl.log, forwardText];
const sampling = [...pass, baselineText, wgsl.random, log2Text, slotsText, slotOfText];
const secondPass = [...tiles, wgsl.random, slotsText, slotOfText, secondPassText];

const kernels = {
  exact: kernel("attentionForward", ...pass, noBaselineText, noSampleText),
  bernoulli: kernel("attentionForwardBernoulli", ...sampling, candidatesText, bernoulliText),
  crowded: kernel("attentionForwardCrowded", ...secondPass, crowdedText),
  priority: kernel("attentionForwardPriority", ...sampling, candidatesText, priorityText),
  normalisers: kernel("attentionForwardNormalisers", ...sampling, normalisersText),
  systematic: kernel("attentionForwardSystematic", ...secondPass, systematicText),
} as const;

interface Inputs {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly causal: boolean;
  readonly scale: number;
}

interface Outputs {
  readonly out: Tensor;
  readonly lse: Tensor;
}

/** A forward pass ready to run in parts. */
interface Pass {
  readonly device: WebGpuDevice;
  readonly problem: Problem;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  /** β, f32 [b, hq, n]; of length 0 where no baseline is asked for. */
  readonly beta: Tensor;
}

export function forwardWebGpu(
  device: WebGpuDevice,
  problem: Problem,
  inputs: Inputs,
  sample: HeadSample | undefined,
): Outputs & { sample?: Csr; baseline?: Baseline } {
  const { batch, length, queryHeads } = problem;
  if (sample?.baseline === "all") {
    throw new DeviceError('attentionForward: the baseline "all" runs on wasm, not yet on webgpu; take true');
  }
  return allOrNothing((own) => {
    const out = own(device.empty(inputs.q.shape));
    const lse = own(device.empty([batch, queryHeads, length]));
    const hasBaseline = sample !== undefined && sample.baseline !== false;
    // Heads of which nothing is sampled have a baseline of 0.
    const beta = own(device.zeros(hasBaseline ? lse.shape : [0]));
    const pass = { device, problem, inputs, outputs: { out, lse }, beta };
    if (sample === undefined) {
      forParts(pass, 0, (part, bound) => attend(pass, kernels.exact, part, bound));
      beta[Symbol.dispose]();
      return { out, lse };
    }
    const { sample: drawn, factors } = samplers[sample.design](pass, sample);
    if (hasBaseline) return { out, lse, sample: drawn, baseline: { beta, factors } };
    for (const unused of [beta, factors]) unused[Symbol.dispose]();
    return { out, lse, sample: drawn };
  });
}

const samplers = { bernoulli, priority, systematic } as const;

/** A bernoulli sample in passing, and a second pass for the rows that did not fit. */
function bernoulli(pass: Pass, sample: HeadSample): Collected {
  const slotsFor = (c: number) => bernoulliSlots(pass.problem.length, c);
  return counted(pass, sample, slotsFor, (part, bound, tensors, run) => {
    const uniforms = { ...run, ...drawsOf(sample) };
    attend(pass, kernels.bernoulli, part, bound, tensors, uniforms);
    walk(pass, kernels.crowded, part, bound, tensors, uniforms);
  });
}

/** The exact forward pass, and a second one that walks each row with its final weights. */
function systematic(pass: Pass, sample: HeadSample): Collected {
  const slotsFor = (c: number) => systematicSlots(pass.problem.length, c);
  return counted(pass, sample, slotsFor, (part, bound, tensors, run) => {
    const { firstHead, capacity } = run;
    attend(pass, kernels.normalisers, part, bound, tensors.slice(0, 1), { firstHead, capacity });
    walk(pass, kernels.systematic, part, bound, tensors, { ...run, ...drawsOf(sample) });
  });
}

/** A priority sample: candidates in passing, the largest of them chosen in the end. */
function priority(pass: Pass, { budgets, ...rest }: HeadSample): Collected {
  const { device, problem, inputs } = pass;
  const sample = { ...rest, budgets: budgets.map((c) => Math.min(c, problem.length)) };
  using counts = device.empty([rowsOf(problem)], "u32");
  return withSlots(
    pass,
    sample.budgets,
    (budget) => prioritySlots(problem.length, budget),
    (part, bound, slots, run) => {
      attend(pass, kernels.priority, part, bound, [slots, counts], { ...run, ...drawsOf(sample) });
    },
    (filled) => selectLargest(device, problem, inputs.causal, sample, filled),
  );
}

/** A sample whose rows' lengths the device counts. */
function counted(
  pass: Pass,
  sample: HeadSample,
  slotsFor: SlotsFor,
  fill: (part: Part, bound: Bound, slotsAndCounts: readonly Tensor[], run: Run) => void,
): Collected {
  const { device, problem } = pass;
  return allOrNothing((own) => {
    const counts = own(device.zeros([rowsOf(problem) + 1], "u32"));
    return withSlots(
      pass,
      sample.budgets,
      slotsFor,
      (part, bound, slots, run) => fill(part, bound, [slots, counts], run),
      (filled) => collectCounted(device, problem, sample, slotsFor, counts, filled),
    );
  });
}

type Bound = BoundOperands<Record<"q" | "k" | "v", Tensor>, Record<"out", Tensor>>;

/** What kernels have to know of neighbouring heads of a part that have one budget. */
type Run = Readonly<Record<"firstHead" | "budget" | "capacity", number>>;

/** Fills the slots of all rows, part by part, and runs `use` on them; they are gone afterwards. */
function withSlots(
  pass: Pass,
  budgets: readonly number[],
  slotsFor: SlotsFor,
  fill: (part: Part, bound: Bound, slots: Tensor, run: Run) => void,
  use: (filled: readonly FilledSlots[]) => Collected,
): Collected {
  const filled: FilledSlots[] = [];
  const { words } = slotsFor(Math.max(1, ...budgets));
  try {
    forParts(pass, words, (part, bound) => {
      for (const { firstHead, heads, budget } of runsOf(part, budgets)) {
        const some = { ...part, heads };
        if (budget === 0) {
          attend(pass, kernels.exact, some, bound, [], { firstHead });
          continue;
        }
        const { words, capacity } = slotsFor(budget);
        const firstRow = part.rowTiles.first * tileRows;
        const rows = heads * Math.min(part.length - firstRow, part.rowTiles.count * tileRows);
        const slots = pass.device.empty([rows, words], "u32");
        const first = part.firstRow + firstHead * part.length + firstRow;
        filled.push({ slots, budget, capacity, rows, firstRow: first });
        fill(some, bound, slots, { firstHead, budget, capacity });
      }
    });
    return use(filled);
  } finally {
    for (const { slots } of filled) slots[Symbol.dispose]();
  }
}

/** The heads of a part, as few runs of neighbours of one budget as there are. */
function runsOf(
  { heads, length, firstRow }: Part,
  budgets: readonly number[],
): { firstHead: number; heads: number; budget: number }[] {
  const runs: { firstHead: number; heads: number; budget: number }[] = [];
  for (let head = 0; head < heads; head++) {
    const budget = budgets[(firstRow / length + head) % budgets.length]!;
    const last = runs.at(-1);
    if (last?.budget === budget) last.heads++;
    else runs.push({ firstHead: head, heads: 1, budget });
  }
  return runs;
}

function forParts(
  { device, problem, inputs: { q, k, v }, outputs: { out } }: Pass,
  rowWords: number,
  use: (part: Part, bound: Bound) => void,
): void {
  forEachPart(device, problem, { inputs: { q, k, v }, outputs: { out }, rowWords }, use);
}

type Uniforms = Readonly<Record<string, number>>;

/** The pass over the keys of some heads, with what a sample takes: slots and, where they are counted, the counts. */
function attend(
  { device, inputs, outputs, beta }: Pass,
  kernel: Kernel,
  part: Part,
  bound: Bound,
  [slots, ...counts]: readonly Tensor[] = [],
  uniforms: Uniforms = {},
): void {
  const sample = slots === undefined ? [] : [slots, beta, ...counts];
  device.run(kernel, {
    bindings: [bound.out, outputs.lse, bound.q, bound.k, bound.v, ...sample],
    uniforms: {
      firstHead: 0,
      ...sizesOf(part),
      ...tilesOf(part),
      ...scoresOf(inputs),
      ...uniforms,
      hidden: -Infinity,
    },
    constants: { ...rangesOf(part), BASELINE: Number(slots !== undefined && beta.size > 0) },
    workgroups: rowTilesOf(part) * rangesOf(part).RANGES,
  });
}

/** A second pass over the keys of some heads. */
function walk(
  { device, inputs }: Pass,
  kernel: Kernel,
  part: Part,
  bound: Bound,
  tensors: readonly Tensor[],
  uniforms: Uniforms,
): void {
  device.run(kernel, {
    bindings: [...tensors, bound.q, bound.k],
    uniforms: { ...sizesOf(part), ...tilesOf(part), ...scoresOf(inputs), ...uniforms },
    workgroups: rowTilesOf(part),
  });
}

/** Which tiles of rows are meant. */
function tilesOf({ rowTiles: { first, count } }: Part): Uniforms {
  return { firstTile: first, tiles: count };
}

/** How scores are computed: in powers of 2. */
function scoresOf({ causal, scale }: Inputs): Uniforms {
  return { causal: Number(causal), scale: scale * Math.LOG2E };
}

function drawsOf({ key: { k0, k1 } }: HeadSample): Uniforms {
  return { k0, k1 };
}

function rowsOf({ batch, queryHeads, length }: Problem): number {
  return batch * queryHeads * length;
}

// The kernels of attention on WebGPU in a browser, against the processor in the same page.
import { fold, independentBits, key, toUniform } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { type AttentionOptions, attentionBackward, attentionForward } from "../src/attention/index.ts";

export interface PageReport {
  readonly name: string;
  /** Of each case, by whether subgroups are used: the largest errors, relative to the largest number, and the samples. */
  readonly cases: readonly {
    readonly name: string;
    readonly subgroups: boolean;
    readonly errors: Readonly<Record<string, number>>;
    readonly entries: number;
    /** Entries that only one of the two keeps. */
    readonly different: number;
  }[];
}

const shape = { batch: 2, length: 70, queryHeads: 4, keyHeads: 2, depth: 12 };
const c = 6;

const samples: Readonly<Record<string, AttentionOptions["sample"]>> = {
  exact: undefined,
  bernoulli: { design: "bernoulli", c, key: key(1) },
  priority: { design: "priority", c, key: key(2) },
  systematic: { design: "systematic", c, key: key(3) },
  "two-stage": { design: "two-stage", c, key: key(4) },
  "two-stage, full": { design: "two-stage", c, factor: "full", key: key(5) },
};

export async function run(): Promise<PageReport> {
  using wasm = await openDevice("wasm", { threads: 1 });
  const cases: PageReport["cases"][number][] = [];
  let name = "";
  for (const subgroups of [true, false]) {
    using webgpu = await openDevice("webgpu", { subgroups });
    name ||= webgpu.name;
    for (const [which, sample] of Object.entries(samples)) {
      const [actual, wanted] = [await compute(webgpu, sample), await compute(wasm, sample)];
      const errors = Object.entries(wanted.numbers).map(([of, numbers]) => [
        of,
        errorOf(actual.numbers[of]!, numbers),
      ]);
      const different = missing(actual.entries, wanted.entries) + missing(wanted.entries, actual.entries);
      cases.push({
        ...{ name: which, subgroups, errors: Object.fromEntries(errors) },
        ...{ entries: wanted.entries.size, different },
      });
    }
  }
  return { name, cases };
}

/** Forward and backward pass; the entries of the sample by row and column. */
async function compute(device: Device, sample: AttentionOptions["sample"]) {
  using _ = device.scope();
  const { batch, length, queryHeads, keyHeads, depth } = shape;
  const tensor = (seed: number, heads: number) => {
    const size = [batch, length, heads, depth];
    return device.tensor(numbersOf(batch * length * heads * depth, seed), size);
  };
  const [q, dOut] = [tensor(1, queryHeads), tensor(4, queryHeads)];
  const [k, v] = [tensor(2, keyHeads), tensor(3, keyHeads)];
  const forward = attentionForward(q, k, v, sample === undefined ? {} : { sample });
  const { dq, dk, dv } = attentionBackward(forward, forward.sample ?? "all", dOut);
  const numbers: Record<string, ArrayLike<number>> = {};
  const { out, lse } = forward;
  for (const [name, tensor] of Object.entries({ out, lse, dq, dk, dv })) numbers[name] = await tensor.read();
  const entries = new Set<string>();
  if (forward.sample !== undefined) {
    const { indptr, indices } = await forward.sample.read();
    for (let row = 0; row + 1 < indptr.length; row++) {
      for (let e = indptr[row]!; e < indptr[row + 1]!; e++) entries.add(`${row},${indices[e]}`);
    }
  }
  return { numbers, entries };
}

function errorOf(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    error = Math.max(error, Math.abs(actual[i]! - wanted[i]!));
    size = Math.max(size, Math.abs(wanted[i]!));
  }
  return error / size;
}

/** How many of these are not among those. */
function missing(these: ReadonlySet<string>, those: ReadonlySet<string>): number {
  return [...these].filter((each) => !those.has(each)).length;
}

/** Seeded numbers, even between -1 and 1. */
function numbersOf(length: number, seed: number): Float32Array<ArrayBuffer> {
  const stream = fold(key(seed), 0);
  return Float32Array.from({ length }, (_, i) => 2 * toUniform(independentBits(stream, i)) - 1);
}

import { key } from "@sus/graph";
import { csr, fromDense, sampleRows, sddmm, spmm, toDense, transpose, transposition } from "@sus/sparse";
import { randomUniform, type WebGpuDevice } from "@sus/tensor";
import { causalPattern } from "../../../../../packages/sparse/src/sparse.bench.ts";
import type { Case, Sizes } from "./case.ts";
import { uniformOn } from "./uniform.ts";

const headWidth = 64;
const kept = 30;

/** What every product on a causal sample is made of: its pattern, and queries and keys of one head. */
function sampleOf(device: WebGpuDevice, { sequence: n }: Sizes) {
  return {
    pattern: csr(device, causalPattern(n)),
    queries: uniformOn(device, n, headWidth),
    keys: uniformOn(device, n, headWidth),
  };
}

/** Kernels of a product that look at the row starts of all rows, and at the entries of long ones alone. */
const startsOnly = (rows: number) => ({ spmmChunks: 4 * rows, spmmLong: 4 * rows });

export const sparse: readonly Case[] = [
  {
    operation: "sddmm",
    prepare: (device, sizes) => {
      const { pattern, queries, keys } = sampleOf(device, sizes);
      return { run: () => sddmm(pattern, queries, keys), flops: { sddmm: 2 * headWidth * pattern.nnz } };
    },
  },
  {
    operation: "spmm",
    prepare: (device, sizes) => {
      const { pattern, keys } = sampleOf(device, sizes);
      const flops = { spmm: 2 * headWidth * pattern.nnz };
      return { run: () => spmm(pattern, keys), flops, bytes: startsOnly(sizes.sequence) };
    },
  },
  {
    operation: "spmm, transposed",
    prepare: (device, sizes) => {
      const { pattern, queries } = sampleOf(device, sizes);
      const columns = transpose(pattern);
      return { run: () => spmm(columns, queries), flops: {} };
    },
  },
  {
    operation: "transposition",
    prepare: (device, sizes) => {
      const { pattern } = sampleOf(device, sizes);
      return { run: () => transposition(pattern)[Symbol.dispose](), flops: {} };
    },
  },
  {
    operation: "transpose again",
    prepare: (device, sizes) => {
      const { pattern } = sampleOf(device, sizes);
      const columns = transposition(pattern);
      return { run: () => columns.apply(pattern), flops: {} };
    },
  },
  ...(["bernoulli", "priority", "systematic"] as const).map((design) => ({
    operation: `sampleRows, ${design}`,
    prepare: (device: WebGpuDevice, { sequence: n }: Sizes) => {
      // Rows that sum to 1 on average, as those of attention do.
      const weights = randomUniform(device, [n, n], key(5), { high: 2 / n });
      const capacity = 2 * kept * n;
      return { run: () => sampleRows(weights, design, kept, key(6), { capacity }), flops: {} };
    },
  })),
  {
    operation: "fromDense",
    prepare: (device, { sequence: n }) => {
      const dense = toDense(csr(device, causalPattern(n)));
      return { run: () => fromDense(dense, { capacity: kept * n }), flops: {} };
    },
  },
  {
    operation: "toDense",
    prepare: (device, sizes) => {
      const { pattern } = sampleOf(device, sizes);
      return { run: () => toDense(pattern), flops: {} };
    },
  },
];

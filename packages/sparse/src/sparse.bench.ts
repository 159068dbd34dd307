import { interleave, type Row, type Suite } from "@sus/bench-harness";
import { fold, independentBits, key, toUniform } from "@sus/graph";
import { type Device, openDevice, type Tensor } from "@sus/tensor";
import { type CsrArrays, csr, sddmm, spmm, transpose, transposition } from "./index.ts";

const kept = 30;
const k = 64;

/** The products of the SUS backward on a pattern like that of a causal attention sample, with hot first columns. */
export const suite: Suite = {
  name: "sparse",
  minutes: 0.2,
  description: `nanoseconds per kept entry, ${kept} a row, k = ${k}; spmmTransposed has hot rows`,
  async *rows({ quick, threads }) {
    using device = await openDevice("wasm", threads === undefined ? {} : { threads });
    for (const n of quick ? [1024] : [1024, 4096, 16384]) {
      yield await measure(device, n, quick ? 5 : 25);
    }
  },
};

async function measure(device: Device, n: number, rounds: number): Promise<Row> {
  const scope = device.scope();
  const pattern = csr(device, causalPattern(n));
  const columns = transposition(pattern);
  const turned = transpose(pattern);
  const [a, b] = [1, 2].map((seed) => device.tensor(normalised(n * k, seed), [n, k])) as [Tensor, Tensor];
  const milliseconds = await interleave(
    {
      sddmm: () => sddmm(pattern, a, b)[Symbol.dispose](),
      spmm: () => spmm(pattern, b)[Symbol.dispose](),
      spmmTransposed: () => spmm(turned, b)[Symbol.dispose](),
      transposition: () => transposition(pattern)[Symbol.dispose](),
      apply: () => columns.apply(pattern)[Symbol.dispose](),
    },
    { rounds },
  );
  scope[Symbol.dispose]();
  const nanoseconds = Object.entries(milliseconds).map(([name, ms]) => [name, (ms * 1e6) / pattern.nnz]);
  return {
    suite: "sparse",
    n,
    nnz: pattern.nnz,
    threads: device.threads,
    ...Object.fromEntries(nanoseconds),
  };
}

function normalised(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => toUniform(independentBits(key(seed), i)) - 0.5);
}

/** Row i keeps the first two columns, half of the rest among the last 64 and half anywhere before i. */
export function causalPattern(n: number): CsrArrays {
  const indptr = [0];
  const indices: number[] = [];
  for (let i = 0; i < n; i++) {
    const row = fold(key(3), i);
    const columns = new Set([0, Math.min(1, i)]);
    for (let draw = 0; columns.size < Math.min(kept, i + 1); draw++) {
      const reach = draw % 2 === 0 ? Math.min(64, i + 1) : i + 1;
      columns.add(i + 1 - Math.ceil(toUniform(independentBits(row, draw)) * reach));
    }
    indices.push(...[...columns].sort((x, y) => x - y));
    indptr.push(indices.length);
  }
  return { shape: [n, n], indptr, indices, data: normalised(indices.length, 4) };
}

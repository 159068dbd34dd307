import { type DesignName, designs, independent, type Key, type Random, rotation } from "@sus/graph";
import type { CsrArrays, Shape } from "../csr/format.ts";

/** The design of `@sus/graph` applied to every row, row i drawing from `random.fork(i)`; estimates in float64. */
export function sampleRowsReference(
  weights: ArrayLike<number>,
  [rows, columns]: Shape,
  design: DesignName,
  c: number,
  random: Random,
): CsrArrays {
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = Array.from({ length: columns }, (_, j) => weights[i * columns + j]!);
    const sample = designs[design](row, c, random.fork(i));
    indices.push(...sample.indices);
    data.push(...sample.estimates);
    indptr.push(indices.length);
  }
  return { shape: [rows, columns], indptr, indices, data };
}

/** What `sampleRows` draws from under a key: by rotation where that is enough, as it is cheaper. */
export function drawsOf(design: DesignName, key: Key): Random {
  return design === "bernoulli" ? rotation(key) : independent(key);
}

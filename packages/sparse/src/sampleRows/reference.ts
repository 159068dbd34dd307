import { type DesignName, designs, fold, independent, type Key, rotation } from "@sus/graph";
import type { CsrArrays, Shape } from "../csr/format.ts";

/** The design of `@sus/graph` applied to every row, row i drawing from `fold(key, i)`; estimates in float64. */
export function sampleRowsReference(
  weights: ArrayLike<number>,
  [rows, columns]: Shape,
  design: DesignName,
  c: number,
  key: Key,
): CsrArrays {
  const draws = design === "bernoulli" ? rotation : independent;
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  for (let i = 0; i < rows; i++) {
    const row = Array.from({ length: columns }, (_, j) => weights[i * columns + j]!);
    const sample = designs[design](row, c, draws(fold(key, i)));
    indices.push(...sample.indices);
    data.push(...sample.estimates);
    indptr.push(indices.length);
  }
  return { shape: [rows, columns], indptr, indices, data };
}

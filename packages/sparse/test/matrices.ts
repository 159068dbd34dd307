import { fold, independentBits, key, toUniform } from "@sus/graph";
import type { CsrArrays, Shape } from "../src/index.ts";

/** Seeded numbers in (−1, 1]. */
export function numbers(length: number, seed: number): Float32Array {
  const stream = fold(key(seed), 0);
  return Float32Array.from({ length }, (_, i) => 2 * toUniform(independentBits(stream, i)) - 1);
}

/** A seeded matrix in which row i has `lengths[i]` entries in columns spread over the whole width. */
export function matrixWithRows(lengths: readonly number[], columns: number, seed: number): CsrArrays {
  const indptr = [0];
  const indices: number[] = [];
  lengths.forEach((length, row) => {
    const shift = independentBits(fold(key(seed), row), 0) % columns;
    const chosen = Array.from({ length }, (_, t) => (Math.floor((t * columns) / length) + shift) % columns);
    indices.push(...chosen.sort((a, b) => a - b));
    indptr.push(indices.length);
  });
  return { shape: [lengths.length, columns], indptr, indices, data: numbers(indices.length, seed + 1) };
}

/** Matrices that a kernel may get wrong: odd, empty, all in one row, empty rows at both ends and at chunk borders. */
export const shapes: readonly { readonly name: string; readonly matrix: CsrArrays }[] = [
  { name: "0 × 0", matrix: empty([0, 0]) },
  { name: "0 × 5", matrix: empty([0, 5]) },
  { name: "5 × 0", matrix: empty([5, 0]) },
  { name: "3 × 4 without entries", matrix: empty([3, 4]) },
  { name: "1 × 1", matrix: matrixWithRows([1], 1, 1) },
  { name: "17 × 9, empty rows", matrix: matrixWithRows([0, 0, ...Array(12).fill(5), 0, 9, 0], 9, 2) },
  {
    name: "100 × 130",
    matrix: matrixWithRows(
      Array.from({ length: 100 }, (_, i) => i % 31),
      130,
      3,
    ),
  },
  {
    name: "500 × 40",
    matrix: matrixWithRows(
      Array.from({ length: 500 }, (_, i) => (i * 3) % 7),
      40,
      6,
    ),
  },
  { name: "a hot row", matrix: matrixWithRows([3, 0, 3000, 2, 0, 7, 1], 3000, 4) },
  { name: "rows that end with chunks", matrix: matrixWithRows([512, 0, 512, 256, 256, 0, 1024, 1], 1024, 5) },
];

function empty(shape: Shape): CsrArrays {
  return { shape, indptr: Array(shape[0] + 1).fill(0), indices: [], data: [] };
}

import { DeviceError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";

/** Rows from `first` on, as many as `count`. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
}

/** A part of a tensor's elements as a kernel binds it: the kernel sees the first of them as its element 0. */
export interface TensorRange {
  readonly tensor: Tensor;
  readonly first: number;
  readonly count: number;
}

/** Elements whose bytes are a multiple of what offsets of bindings have to be aligned to. */
const alignedElements = 64;

/**
 * Splits rows so that those of every tensor fit into one binding and start where a binding may start.
 *
 * @param widths the elements of a row in each tensor that is split with the rows.
 * @param most the most rows of a chunk, at least 64.
 * @throws DeviceError where so few rows do not fit.
 */
export function chunksOf(
  operation: string,
  bindingBytes: number,
  rows: number,
  widths: readonly number[],
  most: number = Number.POSITIVE_INFINITY,
): Chunk[] {
  if (rows === 0) return [];
  const widest = Math.max(1, ...widths);
  const fitting = Math.min(most, Math.floor(bindingBytes / 4 / widest));
  if (fitting >= rows) return [{ first: 0, count: rows }];
  const unit = widths.reduce((rows, width) => {
    const needed = alignedElements / greatestCommonDivisor(alignedElements, Math.max(1, width));
    return Math.max(rows, needed);
  }, 1);
  const count = Math.floor(fitting / unit) * unit;
  if (count === 0) {
    throw new DeviceError(
      `${operation}: ${unit} rows of ${widest} elements do not fit into one binding of ${bindingBytes} bytes`,
    );
  }
  const chunks: Chunk[] = [];
  for (let first = 0; first < rows; first += count) {
    chunks.push({ first, count: Math.min(count, rows - first) });
  }
  return chunks;
}

/** The elements of a tensor that belong to the rows of a chunk. */
export function rowsOf(tensor: Tensor, { first, count }: Chunk, width: number): TensorRange {
  return { tensor, first: first * width, count: count * width };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

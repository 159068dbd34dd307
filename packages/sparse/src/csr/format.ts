import { ShapeError } from "@sus/tensor";
import { SparseError } from "../errors.ts";

/** [rows, columns], each a whole number in [0, 2³¹). */
export type Shape = readonly [rows: number, columns: number];

/** A CSR matrix on the host: plain arrays or typed ones. */
export interface CsrArrays {
  readonly shape: Shape;
  readonly indptr: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
  readonly data: ArrayLike<number>;
}

/** Kernels count rows, columns and entries in signed 32-bit integers. */
export const limit: number = 2 ** 31 - 1;

/** Throws `ShapeError` unless the shape is two whole numbers in [0, 2³¹). */
export function checkShape(operation: string, shape: readonly number[]): void {
  const fits =
    shape.length === 2 &&
    shape.every((length) => Number.isSafeInteger(length) && length >= 0 && length <= limit);
  if (!fits) {
    throw new ShapeError(
      `${operation}: expected a shape [rows, columns] of whole numbers in [0, 2^31), got [${shape.join(", ")}]`,
    );
  }
}

/** Throws `ShapeError` unless the capacity is a whole number in [0, 2³¹). */
export function checkCapacity(operation: string, capacity: number): void {
  if (!Number.isSafeInteger(capacity) || capacity < 0 || capacity > limit) {
    throw new ShapeError(
      `${operation}: expected capacity to be a whole number in [0, 2^31), got ${capacity}`,
    );
  }
}

/** Throws `ShapeError` unless the array has this length. */
export function checkLength(operation: string, name: string, array: ArrayLike<number>, length: number): void {
  if (array.length !== length) {
    throw new ShapeError(`${operation}: expected ${name} of length ${length}, got ${array.length}`);
  }
}

/** Throws `SparseError` unless `array[at]` is a whole number in [0, length). */
export function checkIndex(
  operation: string,
  name: string,
  array: ArrayLike<number>,
  at: number,
  length: number,
): void {
  const index = array[at]!;
  if (!Number.isSafeInteger(index) || index < 0 || index >= length) {
    throw new SparseError(
      `${operation}: expected ${name}[${at}] to be a whole number in [0, ${length}), got ${index}`,
    );
  }
}

/**
 * Throws unless the arrays are a canonical CSR matrix: `indptr` starts at 0, never falls and ends at the number of
 * entries; the columns of every row are in range and strictly ascending, so there are no duplicates. Values may be
 * anything that a float32 holds, also zero, infinite or NaN. O(rows + nnz).
 */
export function checkCsr(operation: string, { shape, indptr, indices, data }: CsrArrays): void {
  checkShape(operation, shape);
  const [rows, columns] = shape;
  checkLength(operation, "indptr", indptr, rows + 1);
  checkLength(operation, "data", data, indices.length);
  checkIndptr(operation, indptr, rows, indices.length);
  for (let row = 0; row < rows; row++) {
    checkColumns(operation, indices, row, indptr[row]!, indptr[row + 1]!, columns);
  }
}

function checkIndptr(operation: string, indptr: ArrayLike<number>, rows: number, nnz: number): void {
  if (indptr[0] !== 0) throw new SparseError(`${operation}: expected indptr[0] to be 0, got ${indptr[0]}`);
  for (let row = 0; row < rows; row++) {
    const begin = indptr[row]!;
    const end = indptr[row + 1]!;
    if (!Number.isSafeInteger(end) || end < begin || end > nnz) {
      throw new SparseError(
        `${operation}: expected indptr[${row + 1}] to be a whole number in [${begin}, ${nnz}], got ${end}`,
      );
    }
  }
  if (indptr[rows] !== nnz) {
    throw new SparseError(
      `${operation}: expected indptr to end at ${nnz}, the length of indices, got ${indptr[rows]}`,
    );
  }
}

function checkColumns(
  operation: string,
  indices: ArrayLike<number>,
  row: number,
  begin: number,
  end: number,
  columns: number,
): void {
  for (let p = begin; p < end; p++) {
    checkIndex(operation, "indices", indices, p, columns);
    if (p > begin && indices[p]! <= indices[p - 1]!) {
      throw new SparseError(
        `${operation}: expected strictly ascending indices in row ${row}, ` +
          `got ${indices[p - 1]} before ${indices[p]} at ${p}`,
      );
    }
  }
}

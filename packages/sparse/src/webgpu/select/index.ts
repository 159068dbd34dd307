import {
  allOrNothing,
  type Chunk,
  type Kernel,
  kernel,
  rowsOf,
  type Tensor,
  type TensorRange,
  type Variants,
  type WebGpuDevice,
  wgsl,
} from "@sus/tensor";
import { Csr } from "../../csr/csr.ts";
import { SparseError } from "../../errors.ts";
import { rowPieces, startsOf } from "../pieces.ts";
import { prefix } from "../prefix.ts";
import { countsToStarts } from "../scan/index.ts";
import boundText from "./bound.wgsl?text";
import checkText from "./check.wgsl?text";
import countText from "./count.wgsl?text";
import fillText from "./fill.wgsl?text";
import rowsText from "./rows.wgsl?text";

const bound = kernel("selectBound", wgsl.index, boundText);
const workgroup = 256;

/** A rule by which entries of a dense matrix are chosen, as kernels (see rows.wgsl). */
export interface Selection {
  readonly count: Kernel;
  readonly fill: Kernel;
  /** Notes values that are not allowed, where there are such. */
  readonly check?: Kernel;
  /** Threads a row; by default as many as its length is worth. */
  readonly threads?: number;
}

type Parts = readonly (string | Variants)[];

/** The kernel that counts what a rule keeps. */
export function countKernel(label: string, ...rule: Parts): Kernel {
  return kernel(label, wgsl.index, rowsText, prefix, ...rule, countText);
}

/** The kernel that writes what a rule keeps. */
export function fillKernel(label: string, ...rule: Parts): Kernel {
  return kernel(label, wgsl.index, rowsText, prefix, ...rule, fillText);
}

/** The kernel that notes what `isAllowed`, which the part defines, is false for. */
export function checkKernel(label: string, isAllowed: string): Kernel {
  return kernel(label, isAllowed, checkText);
}

export interface SelectOptions {
  readonly operation: string;
  /** How many entries there is room for. */
  readonly capacity: number;
  /** The uniforms `budget`, `k0` and `k1` of rules that draw. */
  readonly draws?: { readonly budget: number; readonly k0: number; readonly k1: number };
  /** The most entries that a row keeps. */
  readonly most?: number;
}

/** The entries of a dense matrix that a rule chooses: counted row by row, then written where the counts say. */
export function select(
  device: WebGpuDevice,
  { count, fill, check, threads }: Selection,
  dense: Tensor,
  { operation, capacity, draws = { budget: 0, k0: 0, k1: 0 }, most = 2 ** 32 - 1 }: SelectOptions,
): Csr {
  const [rows, columns] = dense.shape as [number, number];
  const shared = { ...draws, columns, most };
  const constants = { WORKGROUP: threads ?? threadsOf(columns) };
  const pieces = rowPieces(device, operation, rows, [columns]);
  return allOrNothing((own) => {
    const indptr = own(device.empty([rows + 1], "u32"));
    const indices = own(device.empty([capacity], "u32"));
    const data = own(device.empty([capacity]));
    for (const held of pieces) {
      const [counts, values] = [rowsOf(indptr, held, 1), rowsOf(dense, held, columns)];
      const uniforms = { ...shared, rows: held.count, firstRow: held.first, firstEntry: 0, entries: 0 };
      device.run(count, { bindings: [values, counts], uniforms, constants, workgroups: held.count });
      if (check) noteRefused(device, check, operation, { counts, values, held, columns });
    }
    countsToStarts(device, operation, indptr);
    boundStarts(device, operation, indptr, capacity, "; make room for them by the option capacity");
    for (const held of pieces) {
      for (const { first, count } of device.chunks(operation, capacity, [1])) {
        const entries = { first, count };
        device.run(fill, {
          bindings: [
            rowsOf(dense, held, columns),
            rowsOf(indices, entries, 1),
            rowsOf(data, entries, 1),
            startsOf(indptr, held),
          ],
          uniforms: { ...shared, rows: held.count, firstRow: held.first, firstEntry: first, entries: count },
          constants,
          workgroups: held.count,
        });
      }
    }
    return new Csr([rows, columns], { indptr, indices, data }, { counted: false });
  });
}

/** Threads that share a row: some columns for each, and few that have none. */
function threadsOf(columns: number): number {
  if (columns <= 128) return 32;
  return columns <= 1024 ? 64 : 256;
}

/** Lets the next read reject with the first value that is not allowed. */
function noteRefused(
  device: WebGpuDevice,
  check: Kernel,
  operation: string,
  {
    counts,
    values,
    held,
    columns,
  }: { counts: TensorRange; values: TensorRange; held: Chunk; columns: number },
): void {
  const call = {
    bindings: [counts, values],
    uniforms: { rows: held.count, firstRow: held.first, columns },
    workgroups: 1,
  };
  device.runCheck(check, operation, "weights", call, ([, row, column, bits]) => {
    const [value] = new Float32Array(Uint32Array.of(bits!).buffer);
    return new SparseError(
      `${operation}: expected finite weights of at least 0, got ${value} at [${row}, ${column}]`,
    );
  });
}

/** Lets no row start be beyond the capacity; where one was, the next read rejects, with a hint at what to do. */
export function boundStarts(
  device: WebGpuDevice,
  operation: string,
  indptr: Tensor,
  capacity: number,
  hint = "",
): void {
  for (const held of device.chunks(operation, indptr.size, [1])) {
    const call = {
      bindings: [rowsOf(indptr, held, 1)],
      uniforms: { starts: held.count, last: indptr.size - 1 - held.first, capacity },
      workgroups: Math.ceil(held.count / workgroup),
    };
    device.runCheck(bound, operation, "capacity", call, ([, entries, room]) => {
      return new SparseError(`${operation}: expected at most ${room} entries, got ${entries}${hint}`);
    });
  }
}

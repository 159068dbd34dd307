// The operations on WebGPU in a browser: the matrices and references of the tests in Node.
import { type DesignName, key } from "@sus/graph";
import { openDevice, type WebGpuDevice } from "@sus/tensor";
import { type CsrArrays, csr, fromDense, sampleRows, sddmm, spmm, toDense, transpose } from "../src/index.ts";
import { drawsOf, sampleRowsReference } from "../src/sampleRows/reference.ts";
import { sddmmReference } from "../src/sddmm/reference.ts";
import { spmmReference } from "../src/spmm/reference.ts";
import { toDenseReference } from "../src/toDense/reference.ts";
import { transposeReference } from "../src/transpose/reference.ts";
import { numbers, shapes } from "./matrices.ts";

export interface PageReport {
  readonly name: string;
  /** The largest error of the products of each matrix, by whether subgroups are used. */
  readonly errors: readonly (readonly [name: string, subgroups: boolean, sddmm: number, spmm: number])[];
  /** What did not come out exactly. */
  readonly wrong: readonly string[];
}

export async function run(): Promise<PageReport> {
  const errors: PageReport["errors"][number][] = [];
  const wrong: string[] = [];
  let name = "";
  for (const subgroups of [true, false]) {
    using device = (await openDevice("webgpu", { subgroups })) as WebGpuDevice;
    name ||= device.name;
    for (const shape of shapes) {
      errors.push([shape.name, device.subgroups, ...(await errorsOf(device, shape.matrix))]);
      wrong.push(...(await wrongOf(device, shape.matrix)).map((what) => `${what} on ${shape.name}`));
    }
    for (const design of ["bernoulli", "priority", "systematic"] as const) {
      if (!(await keepsTheSame(device, design))) wrong.push(`sampleRows, ${design}`);
    }
  }
  return { name, errors, wrong };
}

async function errorsOf(device: WebGpuDevice, matrix: CsrArrays): Promise<[sddmm: number, spmm: number]> {
  using _scope = device.scope();
  const k = 24;
  const [rows, columns] = matrix.shape;
  const [a, b] = [numbers(rows * k, 1), numbers(columns * k, 2)];
  const sparse = csr(device, matrix);
  const [left, right] = [device.tensor(a, [rows, k]), device.tensor(b, [columns, k])];
  const products = await sddmm(sparse, left, right, { times: sparse.data }).data.read();
  const sums = await spmm(sparse, right).read();
  return [
    largestDifference(products, sddmmReference(matrix, a, b, k, { times: matrix.data })),
    largestDifference(sums, spmmReference(matrix, b, k)),
  ];
}

async function wrongOf(device: WebGpuDevice, matrix: CsrArrays): Promise<string[]> {
  using _scope = device.scope();
  const sparse = csr(device, matrix);
  const dense = toDense(sparse);
  const found = {
    toDense: same(await dense.read(), toDenseReference(matrix)),
    fromDense: sameMatrix(await fromDense(dense).read(), matrix),
    transpose: sameMatrix(await transpose(sparse).read(), transposeReference(matrix)),
  };
  return Object.entries(found).flatMap(([operation, right]) => (right ? [] : [operation]));
}

/** Whether a GPU keeps what the design keeps; these seeds bring no two priorities within rounding. */
async function keepsTheSame(device: WebGpuDevice, design: DesignName): Promise<boolean> {
  using _scope = device.scope();
  const [rows, columns] = [40, 150];
  const weights = numbers(rows * columns, 3).map((x) => Math.exp(4 * x) / (10 * columns));
  const sample = sampleRows(device.tensor(weights, [rows, columns]), design, 9, key(4));
  const { indptr, indices } = await sample.read();
  const wanted = sampleRowsReference(weights, [rows, columns], design, 9, drawsOf(design, key(4)));
  return same(indptr, wanted.indptr) && same(indices, wanted.indices);
}

function sameMatrix(actual: CsrArrays, wanted: CsrArrays): boolean {
  return (["indptr", "indices", "data"] as const).every((name) => same(actual[name], wanted[name]));
}

function same(actual: ArrayLike<number>, wanted: ArrayLike<number>): boolean {
  return actual.length === wanted.length && largestDifference(actual, wanted) === 0;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

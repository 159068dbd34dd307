import { type Binding, type Chunk, rowsOf, type Tensor, type WebGpuDevice } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { filled } from "../webgpu/filled.ts";
import rowOfText from "../webgpu/lib/row-of.wgsl?text";
import { rowPieces, startsOf } from "../webgpu/pieces.ts";
import { type WidthKernels, widthKernels, widthOf } from "../webgpu/widths.ts";
import chunksText from "./chunks.wgsl?text";
import entriesText from "./entries.wgsl?text";
import longText from "./long-rows.wgsl?text";
import shortText from "./short-rows.wgsl?text";
import sumText from "./sum.wgsl?text";

const shortRows = widthKernels("spmm", sumText, entriesText, shortText);
const chunkSums = widthKernels("spmmChunks", sumText, entriesText, rowOfText, chunksText);
const longRows = widthKernels("spmmLong", sumText, longText);

/** As in the kernels: threads of a workgroup, and the entries beyond which a row is cut into chunks of as many. */
const workgroup = 64;
const long = 128;

/** What one round of dispatches deals with. */
interface Piece {
  readonly held: Chunk;
  readonly entries: Chunk;
  readonly keys: Chunk;
  readonly accumulate: boolean;
}

export function spmmWebGpu(device: WebGpuDevice, csr: Csr, b: Tensor, scale: number): Tensor {
  const {
    shape: [rows, columns],
    capacity,
  } = csr;
  const k = b.shape[1]!;
  return filled(device, [rows, k], (out) => {
    if (capacity === 0 || columns === 0) device.clear(out);
    if (k === 0) return;
    // Entries are split by whole chunks, whose partial sums have to fit too.
    const chunkWidth = long * Math.ceil(Math.max(1, (2 * k) / long));
    for (const held of rowPieces(device, "spmm", rows, [k])) {
      let accumulate = false;
      for (const chunks of device.chunks("spmm", Math.ceil(capacity / long), [chunkWidth])) {
        const first = chunks.first * long;
        const entries = { first, count: Math.min(chunks.count * long, capacity - first) };
        for (const keys of device.chunks("spmm", columns, [k])) {
          runPiece(device, csr, b, out, scale, { held, entries, keys, accumulate });
          accumulate = true;
        }
      }
    }
  });
}

function runPiece(
  device: WebGpuDevice,
  { indptr, indices, data, shape }: Csr,
  b: Tensor,
  out: Tensor,
  scale: number,
  { held, entries, keys, accumulate }: Piece,
): void {
  const k = b.shape[1]!;
  const starts = startsOf(indptr, held);
  const sums = rowsOf(out, held, k);
  const terms = [rowsOf(indices, entries, 1), rowsOf(data, entries, 1), rowsOf(b, keys, k)];
  const run = (kernels: WidthKernels, teams: number, bindings: readonly Binding[]) => {
    const { kernel, width, team } = widthOf(kernels, k, workgroup);
    device.run(kernel, {
      bindings,
      uniforms: {
        rows: held.count,
        firstEntry: entries.first,
        entries: entries.count,
        firstColumn: keys.first,
        columns: keys.count,
        width,
        accumulate: Number(accumulate),
        scale,
      },
      constants: { TEAM: team },
      workgroups: Math.ceil(teams / (workgroup / team)),
    });
  };
  run(shortRows, held.count, [sums, starts, ...terms]);
  if (shape[1] <= long) return;
  const chunks = Math.ceil(entries.count / long);
  using partials = device.empty([chunks, 2, k]);
  run(chunkSums, chunks, [partials, starts, ...terms]);
  run(longRows, held.count, [sums, starts, partials]);
}

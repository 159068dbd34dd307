import { type Binding, type Chunk, rowsOf, type Tensor, type WebGpuDevice } from "@sus/tensor";
import type { Problem } from "../problem.ts";
import { gatherHead, scatterHead } from "./copy-heads.ts";

/** Some heads of a problem, in tensors that kernels can bind. */
export interface Part {
  readonly length: number;
  /** Query heads, over all batches of the part. */
  readonly heads: number;
  /** Query heads and key heads of a batch. */
  readonly queryHeads: number;
  readonly keyHeads: number;
  /** Vectors of four of a row of a head. */
  readonly depth: number;
  /** The row of Ŵ, and of `lse`, with which the first head begins. */
  readonly firstRow: number;
  /** The tiles of rows of each head that are meant: all of them, but where not all have room for their scratch. */
  readonly rowTiles: Chunk;
}

/** Rows of a tile, see lib/tile.wgsl. */
export const tileRows = 64;

type Named = Readonly<Record<string, Tensor>>;

/** Tensors [b, n, heads, d], the heads being those of queries or of keys. */
interface Operands<Inputs extends Named, Outputs extends Named> {
  readonly inputs: Inputs;
  /** Filled by the kernels; what several query heads yield for their key head adds up. */
  readonly outputs: Outputs;
  /** Words of scratch a row that have to fit into one binding. Default: 0. */
  readonly rowWords?: number;
  /** Whether query heads have to come one by one. Default: no. */
  readonly oneByOne?: boolean;
}

type Bindings<Tensors extends Named> = { readonly [Name in keyof Tensors]: Binding };

/** How the operands of one part are bound. */
export type BoundOperands<Inputs extends Named, Outputs extends Named> = Bindings<Inputs> & Bindings<Outputs>;

/**
 * Runs `use` on a problem in parts: all at once where every operand fits into a binding, else some batches at a time. Where
 * one batch does not fit, or a head's columns are no whole vectors of four, the query heads come one by one, copied to
 * memory of their own, and if need be some rows at a time.
 */
export function forEachPart<Inputs extends Named, Outputs extends Named>(
  device: WebGpuDevice,
  problem: Problem,
  operands: Operands<Inputs, Outputs>,
  use: (part: Part, bound: BoundOperands<Inputs, Outputs>) => void,
): void {
  const batches = operands.oneByOne === true ? 0 : batchesAtOnce(device, problem, operands);
  if (batches === 0) forEachHead(device, problem, operands, use);
  else forBatches(problem, operands, batches, use);
}

/** How many batches fit into bindings, 0 for none. */
function batchesAtOnce(
  { bindingBytes }: WebGpuDevice,
  { batch, length, queryHeads, keyHeads, depth }: Problem,
  { rowWords = 0 }: { readonly rowWords?: number },
): number {
  if (depth % 4 !== 0) return 0;
  const widths = [queryHeads * depth, keyHeads * depth, queryHeads * rowWords].map((width) => width * length);
  const fitting = Math.floor(bindingBytes / 4 / Math.max(...widths));
  if (fitting >= batch) return batch;
  // Bindings start at multiples of 64 elements.
  return widths.every((width) => width % 64 === 0) ? fitting : 0;
}

function forBatches<Inputs extends Named, Outputs extends Named>(
  { batch, length, queryHeads, keyHeads, depth }: Problem,
  { inputs, outputs }: Operands<Inputs, Outputs>,
  batches: number,
  use: (part: Part, bound: BoundOperands<Inputs, Outputs>) => void,
): void {
  for (let first = 0; first < batch; first += batches) {
    const chunk: Chunk = { first, count: Math.min(batches, batch - first) };
    const part: Part = {
      ...{ length, queryHeads, keyHeads, depth: depth / 4 },
      heads: chunk.count * queryHeads,
      firstRow: first * queryHeads * length,
      rowTiles: { first: 0, count: Math.ceil(length / tileRows) },
    };
    const bound = Object.entries({ ...inputs, ...outputs }).map(([name, tensor]) => [
      name,
      rowsOf(tensor, chunk, tensor.size / batch),
    ]);
    use(part, Object.fromEntries(bound));
  }
}

function forEachHead<Inputs extends Named, Outputs extends Named>(
  device: WebGpuDevice,
  { batch, length, queryHeads, keyHeads, depth }: Problem,
  { inputs, outputs, rowWords = 0 }: Operands<Inputs, Outputs>,
  use: (part: Part, bound: BoundOperands<Inputs, Outputs>) => void,
): void {
  const group = queryHeads / keyHeads;
  const width = Math.ceil(depth / 4) * 4;
  const headOf = (tensor: Tensor, head: number) =>
    tensor.shape[2] === queryHeads ? head : Math.floor(head / group);
  for (let b = 0; b < batch; b++) {
    for (let head = 0; head < queryHeads; head++) {
      const copies = new Map<string, Tensor>();
      try {
        for (const [name, tensor] of Object.entries({ ...inputs, ...outputs })) {
          const copy = device.empty([length, width]);
          copies.set(name, copy);
          if (name in inputs) gatherHead(device, { tensor, batch: b, head: headOf(tensor, head) }, copy);
        }
        const firstRow = (b * queryHeads + head) * length;
        const one = { length, heads: 1, queryHeads: 1, keyHeads: 1, depth: width / 4, firstRow };
        for (const rowTiles of device.chunks("attention", Math.ceil(length / tileRows), [
          tileRows * rowWords,
        ])) {
          use({ ...one, rowTiles }, Object.fromEntries(copies) as BoundOperands<Inputs, Outputs>);
        }
        for (const [name, tensor] of Object.entries(outputs)) {
          const shared = tensor.shape[2] !== queryHeads && head % group !== 0;
          const to = { tensor, batch: b, head: headOf(tensor, head) };
          scatterHead(device, copies.get(name)!, to, shared);
        }
      } finally {
        for (const copy of copies.values()) copy[Symbol.dispose]();
      }
    }
  }
}

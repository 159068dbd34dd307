import { allOrNothing, type Tensor, type WasmDevice } from "@sus/tensor";
import type { AttentionGradients, AttentionResiduals, Problem } from "../problem.ts";
import { kernels } from "./kernels.ts";
import { borrow } from "./memory.ts";
import { columnBytes, pack, packTiles, panel, roundUp, rowBytes, tile, tileBytes } from "./pack.ts";

/** Keys and queries whose weights are held at a time: `KEYS` and `QUERIES` of assembly/backward/exact.ts. */
const [keys, queries] = [192, 48];

/** Bytes of a row of held weights: `SCORE_ROW` of assembly/lib/layout.ts. */
const heldRowBytes = (512 + 16) * 4;

/** The exact backward pass, see assembly/backward/exact.ts. */
export function exactBackwardWasm(
  device: WasmDevice,
  problem: Problem,
  { q, k, v, out, lse, causal, scale }: AttentionResiduals,
  dOut: Tensor,
): AttentionGradients {
  const { batch, length, queryHeads, keyHeads, depth } = problem;
  const sumBytes = (heads: number) => batch * heads * roundUp(length, tile) * roundUp(depth, panel) * 4;
  const columns = columnBytes(problem, keyHeads);
  const rows = rowBytes(problem, queryHeads);
  const tiles = tileBytes(problem, queryHeads);
  const bytes = {
    queryTiles: tiles,
    dOutTiles: tiles,
    queryRows: rows,
    dOutRows: rows,
    keyColumns: columns,
    keyRows: rowBytes(problem, keyHeads),
    valueColumns: columns,
    delta: batch * queryHeads * length * 4,
    sumQ: sumBytes(queryHeads),
    sumK: sumBytes(keyHeads),
    sumV: sumBytes(keyHeads),
  };
  const sumsOf = (source: number, heads: number, to: Tensor, factor: number) => {
    const args = [source, device.pointer(to), length, heads, depth, factor];
    device.run(kernels, "attentionBackwardUnpackTiles", batch * heads * length, args);
  };

  return allOrNothing((own) => {
    const dq = own(device.empty(q.shape));
    const dk = own(device.empty(k.shape));
    const dv = own(device.empty(v.shape));
    borrow(device, Object.values(bytes), (...pointers) => {
      const [queryTiles, dOutTiles, queryRows, dOutRows, keyColumns, keyRows, valueColumns] = pointers as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      const [delta, sumQ, sumK, sumV] = pointers.slice(7) as [number, number, number, number];
      packTiles(device, problem, q, queryHeads, queryTiles, scale * Math.LOG2E);
      packTiles(device, problem, dOut, queryHeads, dOutTiles, 1);
      pack(device, "attentionBackwardPackRows", problem, q, queryHeads, queryRows);
      pack(device, "attentionBackwardPackRows", problem, dOut, queryHeads, dOutRows);
      pack(device, "attentionBackwardPackColumns", problem, k, keyHeads, keyColumns);
      pack(device, "attentionBackwardPackRows", problem, k, keyHeads, keyRows);
      pack(device, "attentionBackwardPackColumns", problem, v, keyHeads, valueColumns);
      device.run(kernels, "attentionBackwardDelta", batch * queryHeads * length, [
        device.pointer(out),
        device.pointer(dOut),
        delta,
        length,
        queryHeads,
        depth,
      ]);
      device.viewAt("f32", sumQ, bytes.sumQ / 4).fill(0);
      device.viewAt("f32", sumK, bytes.sumK / 4).fill(0);
      device.viewAt("f32", sumV, bytes.sumV / 4).fill(0);

      const block = blockOf(length);
      const blocks = Math.ceil(length / block);
      for (let wave = 0; wave < blocks; wave++) {
        device.run(
          kernels,
          "attentionBackwardExact",
          batch * keyHeads * (causal ? blocks - wave : blocks),
          [
            queryTiles,
            dOutTiles,
            queryRows,
            dOutRows,
            keyColumns,
            keyRows,
            valueColumns,
            device.pointer(lse),
            delta,
            sumQ,
            sumK,
            sumV,
            length,
            queryHeads,
            keyHeads,
            depth,
            Number(causal),
            block,
            wave,
          ],
          { scratchBytes: 512 + 2 * queries * heldRowBytes },
        );
      }
      sumsOf(sumQ, queryHeads, dq, scale);
      sumsOf(sumK, keyHeads, dk, scale);
      sumsOf(sumV, keyHeads, dv, 1);
    });
    return { dq, dk, dv };
  });
}

/** Blocks are large enough to be worth a task and small enough that a wave has many: about a dozen in a sequence. */
function blockOf(length: number): number {
  return Math.min(4, Math.max(1, Math.ceil(length / 12 / keys))) * keys;
}

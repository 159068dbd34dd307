import type { Tensor, WasmDevice } from "@sus/tensor";
import type { Problem } from "../problem.ts";
import { kernels } from "./kernels.ts";

/** Columns of the kernels' register tile, and its rows: `PANEL` and `TILE` of assembly/lib/layout.ts. */
export const panel = 8;
export const tile = 6;

/** `count` rounded up to a multiple of `unit`. */
export function roundUp(count: number, unit: number): number {
  return Math.ceil(count / unit) * unit;
}

/** Bytes of the vectors of `heads` heads packed as columns, as rows, or as tiles, see assembly/pack.ts. */
export function columnBytes({ batch, length, depth }: Problem, heads: number): number {
  return batch * heads * roundUp(length, panel) * depth * 4;
}

export function rowBytes({ batch, length, depth }: Problem, heads: number): number {
  return batch * heads * roundUp(length, panel) * roundUp(depth, panel) * 4;
}

export function tileBytes({ batch, length, depth }: Problem, heads: number): number {
  return batch * heads * roundUp(length, tile) * depth * 4;
}

/** Packs a tensor [b, n, heads, d] as columns or as rows into the memory at `to`. */
export function pack(
  device: WasmDevice,
  kernel: `attention${"Forward" | "Backward"}Pack${"Columns" | "Rows"}`,
  { batch, length, depth }: Problem,
  source: Tensor,
  heads: number,
  to: number,
): void {
  const groups = batch * heads * Math.ceil(length / panel);
  device.run(kernels, kernel, groups, [device.pointer(source), to, length, heads, depth]);
}

/** Packs a tensor [b, n, heads, d] as tiles, times `scale`, into the memory at `to`. */
export function packTiles(
  device: WasmDevice,
  { batch, length, depth }: Problem,
  source: Tensor,
  heads: number,
  to: number,
  scale: number,
): void {
  const tiles = batch * heads * Math.ceil(length / tile);
  device.run(kernels, "attentionBackwardPackTiles", tiles, [
    device.pointer(source),
    to,
    length,
    heads,
    depth,
    scale,
  ]);
}

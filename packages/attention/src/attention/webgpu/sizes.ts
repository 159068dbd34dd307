import type { Part } from "./parts.ts";

/** Keys of a tile (lib/tile.wgsl), and teams of a workgroup (lib/team.wgsl). */
const [keys, teams] = [32, 4];

/** The sizes of a part as the kernels take them. */
export function sizesOf({ length, heads, queryHeads, keyHeads, depth, firstRow }: Part): {
  readonly [Name in "length" | "heads" | "queryHeads" | "keyHeads" | "depth" | "firstRow"]: number;
} {
  return { length, heads, queryHeads, keyHeads, depth, firstRow };
}

/** How wide rows are: whether more than 64 columns, and how many ranges of 128. */
export function rangesOf({ depth }: Part): { readonly WIDE: number; readonly RANGES: number } {
  return { WIDE: Number(depth > 16), RANGES: Math.ceil(depth / 32) };
}

/** Tiles of rows of all query heads. */
export function rowTilesOf({ heads, rowTiles }: Part): number {
  return heads * rowTiles.count;
}

/** Tiles of keys of all key heads. */
export function keyTilesOf({ heads, queryHeads, keyHeads, length }: Part): number {
  return ((heads * keyHeads) / queryHeads) * Math.ceil(length / keys);
}

/** Workgroups of teams, a team a row. */
export function teamsOf({ heads, length }: Part): number {
  return Math.ceil((heads * length) / teams);
}

import { type Kernel, kernel } from "../webgpu/kernel.ts";
import operandsText from "./operands.wgsl?text";
import readScalarsText from "./read-scalars.wgsl?text";
import readVectorsText from "./read-vectors.wgsl?text";
import thinText from "./thin.wgsl?text";
import tileText from "./tile.wgsl?text";
import tile64Text from "./tile-64.wgsl?text";
import tile128Text from "./tile-128.wgsl?text";
import writeScalarsText from "./write-scalars.wgsl?text";
import writeVectorsText from "./write-vectors.wgsl?text";

/** A kernel for operands of any shape, and one for those that are read in vectors of four. */
export interface ProductKernels {
  readonly scalars: Kernel;
  readonly vectors: Kernel;
}

const thin = {
  scalars: kernel("matmul", operandsText, readScalarsText, writeScalarsText, thinText),
  // Its threads write numbers that are neighbours to those of others.
  vectors: kernel("matmul", operandsText, readVectorsText, writeScalarsText, thinText),
};
const tile64 = tiles(tile64Text);
const tile128 = tiles(tile128Text);

function tiles(text: string): ProductKernels {
  return {
    scalars: kernel("matmul", operandsText, readScalarsText, writeScalarsText, tileText, text),
    vectors: kernel("matmul", operandsText, readVectorsText, writeVectorsText, tileText, text),
  };
}

/** Workgroups that keep a large GPU busy; fewer tiles than that are split along k. */
const enoughWorkgroups = 256;
/** The least terms of a split: below that, adding the splits up costs more than is won. */
const leastDepth = 256;
/** The least rows of a tile, and columns, wherever there may be many of them. */
export const leastTile = 64;
/** The most rows (or columns) of a thin product. */
const fewRows = 8;

/** How a product is computed: by which kernels, in tiles of which size, and in how many splits along k. */
export interface Plan {
  readonly kernels: ProductKernels;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** Terms of a split, a multiple of what the kernels take at a time. */
  readonly depth: number;
}

/** Depends on the sizes alone, so that the order of every sum is fixed. */
export function planOf(m: number, n: number, k: number, splittable: boolean): Plan {
  const { kernels, tileRows, tileColumns, constants = {} } = tilingOf(m, n);
  const [down, across] = [Math.ceil(m / tileRows), Math.ceil(n / tileColumns)];
  const wanted = Math.ceil(enoughWorkgroups / (down * across));
  const splits = splittable ? Math.max(1, Math.min(wanted, Math.floor(k / leastDepth))) : 1;
  const depth = Math.ceil(k / splits / 16) * 16;
  const [x, y] = constants["SWAPPED"] ? [down, across] : [across, down];
  return { kernels, constants, workgroups: [x, y, Math.ceil(k / depth)], depth };
}

function tilingOf(
  m: number,
  n: number,
): {
  readonly kernels: ProductKernels;
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly constants?: Readonly<Record<string, number>>;
} {
  if (m <= fewRows) return { kernels: thin, tileRows: 4, tileColumns: 256 };
  if (n <= fewRows) return { kernels: thin, tileRows: 256, tileColumns: 4, constants: { SWAPPED: 1 } };
  // The larger tile does twice the work a number loaded, unless much of it would lie outside.
  const cells = (size: number) => Math.ceil(m / size) * Math.ceil(n / size) * size * size;
  const size = cells(128) <= 1.25 * cells(64) ? 128 : 64;
  return { kernels: size === 128 ? tile128 : tile64, tileRows: size, tileColumns: size };
}

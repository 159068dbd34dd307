import { type Kernel, kernel } from "../webgpu/kernel.ts";
import operandsText from "./operands.wgsl?text";
import thinText from "./thin.wgsl?text";
import tileText from "./tile.wgsl?text";
import tile64Text from "./tile-64.wgsl?text";
import tile128Text from "./tile-128.wgsl?text";

const thin = kernel("matmul", operandsText, thinText);
const tile64 = kernel("matmul", operandsText, tileText, tile64Text);
const tile128 = kernel("matmul", operandsText, tileText, tile128Text);

/** Workgroups that keep a large GPU busy; fewer tiles than that are split along k. */
const enoughWorkgroups = 256;
/** The least terms of a split: below that, adding the splits up costs more than is won. */
const leastDepth = 256;
/** The most rows (or columns) of a thin product. */
const fewRows = 8;

/** How a product is computed: by which kernel, in tiles of which size, and in how many splits along k. */
export interface Plan {
  readonly kernel: Kernel;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  /** Terms of a split, a multiple of what the kernels take at a time. */
  readonly depth: number;
}

/** Depends on the sizes alone, so that the order of every sum is fixed. */
export function planOf(m: number, n: number, k: number, splittable: boolean): Plan {
  const { kernel, tileRows, tileColumns, constants = {} } = tilingOf(m, n);
  const [down, across] = [Math.ceil(m / tileRows), Math.ceil(n / tileColumns)];
  const wanted = Math.ceil(enoughWorkgroups / (down * across));
  const splits = splittable ? Math.max(1, Math.min(wanted, Math.floor(k / leastDepth))) : 1;
  const depth = Math.ceil(k / splits / 16) * 16;
  const [x, y] = constants["SWAPPED"] ? [down, across] : [across, down];
  return { kernel, constants, workgroups: [x, y, Math.ceil(k / depth)], depth };
}

function tilingOf(
  m: number,
  n: number,
): {
  readonly kernel: Kernel;
  readonly tileRows: number;
  readonly tileColumns: number;
  readonly constants?: Readonly<Record<string, number>>;
} {
  if (m <= fewRows) return { kernel: thin, tileRows: 4, tileColumns: 256 };
  if (n <= fewRows) return { kernel: thin, tileRows: 256, tileColumns: 4, constants: { SWAPPED: 1 } };
  // The larger tile does twice the work a number loaded, unless much of it would lie outside.
  const cells = (size: number) => Math.ceil(m / size) * Math.ceil(n / size) * size * size;
  const size = cells(128) <= 1.25 * cells(64) ? 128 : 64;
  return { kernel: size === 128 ? tile128 : tile64, tileRows: size, tileColumns: size };
}

import type { Variants } from "./kernel.ts";
import exp from "./lib/exp.wgsl?text";
import index from "./lib/index.wgsl?text";
import log from "./lib/log.wgsl?text";
import random from "./lib/random.wgsl?text";
import reduce from "./lib/reduce.wgsl?text";
import reduceSubgroups from "./lib/reduce-subgroups.wgsl?text";
import squares from "./lib/squares.wgsl?text";

/** WGSL functions to build kernels from; each file says what it has. */
export const wgsl: {
  /** `linearWorkgroup`. */
  readonly index: string;
  /** `threefry`, `fold`, `independentBits`, `rotationBits`, `toUniform`, equal to those of @sus/graph bit for bit. */
  readonly random: string;
  /** `exp4`, `exp1`, `sigmoid4`. */
  readonly exp: string;
  /** `log1`. */
  readonly log: string;
  /** `workgroupSum` and `workgroupMax`, for kernels that define WORKGROUP; with and without subgroups. */
  readonly reduce: Variants;
  /** `squareOf` and `rootOf`, for norms. */
  readonly squares: string;
} = { index, random, exp, log, reduce: { plain: reduce, subgroups: reduceSubgroups }, squares };

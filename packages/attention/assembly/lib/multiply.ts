import { fma } from "../../../tensor/assembly/lib/fma";
import { SCORE_ROW } from "./layout";

// AssemblyScript folds what it knows of types into the instructions' offsets, but not arguments: hence these two.

/** The rows of a tile side by side: elements 4 bytes apart, or rows of 8 elements one after the other. */
export type Packed = f32;

/** The rows of a tile as rows of the held scores, SCORE_ROW bytes apart. */
export type Held = i32;

/**
 * `out[6, 8·panels] = a[6, depth] · b[depth, 8·panels]`, or `+=` with `accumulate`: the loop that all the products here
 * share. Columns of `a` are `aStep` bytes apart; `b` is packed in panels of 8 columns, `bPanel` bytes apart; panels of
 * `out` are `outPanel` bytes apart. Not unrolled along `depth`: the operands of two steps would not fit the registers.
 */
// @ts-ignore: decorator
@inline
export function multiply<A extends number, Out extends number>(
  a: usize, aStep: usize, b: usize, bPanel: usize, out: usize, outPanel: usize,
  depth: i32, panels: i32, accumulate: bool,
): void {
  const aRow: usize = isInteger<A>() ? SCORE_ROW : 4;
  const outRow: usize = isInteger<Out>() ? SCORE_ROW : 32;
  const bytes = (depth as usize) << 5;
  for (let panel = 0; panel < panels; panel++) {
    let c00 = accumulate ? v128.load(out, outRow * 0) : f32x4.splat(0);
    let c01 = accumulate ? v128.load(out, outRow * 0 + 16) : f32x4.splat(0);
    let c10 = accumulate ? v128.load(out, outRow * 1) : f32x4.splat(0);
    let c11 = accumulate ? v128.load(out, outRow * 1 + 16) : f32x4.splat(0);
    let c20 = accumulate ? v128.load(out, outRow * 2) : f32x4.splat(0);
    let c21 = accumulate ? v128.load(out, outRow * 2 + 16) : f32x4.splat(0);
    let c30 = accumulate ? v128.load(out, outRow * 3) : f32x4.splat(0);
    let c31 = accumulate ? v128.load(out, outRow * 3 + 16) : f32x4.splat(0);
    let c40 = accumulate ? v128.load(out, outRow * 4) : f32x4.splat(0);
    let c41 = accumulate ? v128.load(out, outRow * 4 + 16) : f32x4.splat(0);
    let c50 = accumulate ? v128.load(out, outRow * 5) : f32x4.splat(0);
    let c51 = accumulate ? v128.load(out, outRow * 5 + 16) : f32x4.splat(0);
    let row = a;
    let column = b;
    const end = b + bytes;
    while (column < end) {
      const b0 = v128.load(column);
      const b1 = v128.load(column, 16);
      const a0 = v128.load32_splat(row, aRow * 0);
      c00 = fma(a0, b0, c00);
      c01 = fma(a0, b1, c01);
      const a1 = v128.load32_splat(row, aRow * 1);
      c10 = fma(a1, b0, c10);
      c11 = fma(a1, b1, c11);
      const a2 = v128.load32_splat(row, aRow * 2);
      c20 = fma(a2, b0, c20);
      c21 = fma(a2, b1, c21);
      const a3 = v128.load32_splat(row, aRow * 3);
      c30 = fma(a3, b0, c30);
      c31 = fma(a3, b1, c31);
      const a4 = v128.load32_splat(row, aRow * 4);
      c40 = fma(a4, b0, c40);
      c41 = fma(a4, b1, c41);
      const a5 = v128.load32_splat(row, aRow * 5);
      c50 = fma(a5, b0, c50);
      c51 = fma(a5, b1, c51);
      row += aStep;
      column += 32;
    }
    v128.store(out, c00, outRow * 0);
    v128.store(out, c01, outRow * 0 + 16);
    v128.store(out, c10, outRow * 1);
    v128.store(out, c11, outRow * 1 + 16);
    v128.store(out, c20, outRow * 2);
    v128.store(out, c21, outRow * 2 + 16);
    v128.store(out, c30, outRow * 3);
    v128.store(out, c31, outRow * 3 + 16);
    v128.store(out, c40, outRow * 4);
    v128.store(out, c41, outRow * 4 + 16);
    v128.store(out, c50, outRow * 5);
    v128.store(out, c51, outRow * 5 + 16);
    b += bPanel;
    out += outPanel;
  }
}

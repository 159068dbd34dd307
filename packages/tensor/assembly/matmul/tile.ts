import { fma } from "../lib/fma";

/**
 * The micro-kernel: 4 rows of A times a panel of 8 columns of B, 8 accumulators in registers. Unrolling along the
 * depth would spill them. Row r of A starts at `a_r` and moves `step` bytes a p.
 *
 * Writes the tile to c (rows `row` bytes apart), added to what is there where `accumulate` is not 0.
 */
export function tile(
  depth: i32, a0: usize, a1: usize, a2: usize, a3: usize, step: usize, b: usize,
  c: usize, row: usize, accumulate: i32,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = b + ((depth as usize) << 5);
  for (; b < end; b += 32) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    a0 += step;
    a1 += step;
    a2 += step;
    a3 += step;
  }
  if (accumulate) {
    c00 = f32x4.add(c00, v128.load(c));
    c01 = f32x4.add(c01, v128.load(c, 16));
    c10 = f32x4.add(c10, v128.load(c + row));
    c11 = f32x4.add(c11, v128.load(c + row, 16));
    c20 = f32x4.add(c20, v128.load(c + 2 * row));
    c21 = f32x4.add(c21, v128.load(c + 2 * row, 16));
    c30 = f32x4.add(c30, v128.load(c + 3 * row));
    c31 = f32x4.add(c31, v128.load(c + 3 * row, 16));
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + row, c10);
  v128.store(c + row, c11, 16);
  v128.store(c + 2 * row, c20);
  v128.store(c + 2 * row, c21, 16);
  v128.store(c + 3 * row, c30);
  v128.store(c + 3 * row, c31, 16);
}

/** Copies (or adds) the top left `rows` × `columns` of a 4 × 8 tile into c. */
export function spill(from: usize, c: usize, row: usize, rows: i32, columns: i32, accumulate: i32): void {
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < (columns as usize) << 2; j += 4) {
      const value = load<f32>(from + j);
      store<f32>(c + j, accumulate ? load<f32>(c + j) + value : value);
    }
    from += 32;
    c += row;
  }
}

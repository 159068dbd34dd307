import { dot, dotFour } from "../lib/vectors";

// What the entries of a sample are worth to the second stage, see thin.ts: x = f·Ŵ.

/** `worths[nnz]` with f = ‖dO_i‖. The range counts the rows of Ŵ. */
export function attentionThinByRow(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, data: usize, dOut: usize, worths: usize, n: i32, queryHeads: i32, d: i32,
): void {
  for (let row = begin; row < end; row++) {
    const factor = norm(dOut + queryOf(row, n, queryHeads) * (d as usize) * 4, d);
    const factors = f32x4.splat(factor);
    const last = (load<u32>(indptr + ((row as usize) << 2), 4) as usize) << 2;
    let at = (load<u32>(indptr + ((row as usize) << 2)) as usize) << 2;
    for (; at + 16 <= last; at += 16) v128.store(worths + at, f32x4.mul(v128.load(data + at), factors));
    for (; at < last; at += 4) store<f32>(worths + at, load<f32>(data + at) * factor);
  }
}

/** `squares[rows] = ‖x‖²` of the rows of x, [rows, d]. The range counts rows. */
export function attentionThinSquares(begin: i32, end: i32, _scratch: usize, x: usize, squares: usize, d: i32): void {
  for (let row = begin as usize; row < (end as usize); row++) {
    const at = x + row * (d as usize) * 4;
    store<f32>(squares + (row << 2), dot(at, at, d));
  }
}

/**
 * `worths[nnz]` with `f² = ‖dO_i‖² + scale² (dO_i · V_j − D_i)² (‖K_j‖² + ‖Q_i‖²)`: what an entry adds to dV, dQ and dK, in
 * squares. `keySquares` are ‖K_j‖², [b, n, hkv]. The range counts the rows of Ŵ.
 */
export function attentionThinByEntry(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, data: usize, q: usize, v: usize, out: usize, dOut: usize, keySquares: usize,
  worths: usize, n: i32, queryHeads: i32, keyHeads: i32, d: i32, scale: f32,
): void {
  const group = queryHeads / keyHeads;
  const vector = (d as usize) << 2;
  const stride = (keyHeads as usize) * vector;
  for (let row = begin; row < end; row++) {
    const query = queryOf(row, n, queryHeads) * vector;
    const head = row / n;
    const firstKey = ((head / queryHeads) * n * keyHeads + (head % queryHeads) / group) as usize;
    const values = v + firstKey * vector;
    const squares = keySquares + (firstKey << 2);
    const size = norm(dOut + query, d);
    const relative: f32 = size == 0 ? 0 : scale / size;
    const delta = dot(dOut + query, out + query, d);
    const querySquare = dot(q + query, q + query, d);
    const last = load<u32>(indptr + ((row as usize) << 2), 4);
    for (let e = load<u32>(indptr + ((row as usize) << 2)); e < last; e += 4) {
      const at = (e as usize) << 2;
      // Behind the row's last entry, that one again.
      const j0 = keyAt(indices, e, last), j1 = keyAt(indices, e + 1, last);
      const j2 = keyAt(indices, e + 2, last), j3 = keyAt(indices, e + 3, last);
      const products = dotFour(
        dOut + query, values + j0 * stride, values + j1 * stride, values + j2 * stride, values + j3 * stride, d,
      );
      let square = v128.load32_zero(squares + j0 * (keyHeads as usize) * 4);
      square = v128.load32_lane(squares + j1 * (keyHeads as usize) * 4, square, 1);
      square = v128.load32_lane(squares + j2 * (keyHeads as usize) * 4, square, 2);
      square = v128.load32_lane(squares + j3 * (keyHeads as usize) * 4, square, 3);
      const slope = f32x4.mul(f32x4.sub(products, f32x4.splat(delta)), f32x4.splat(relative));
      const others = f32x4.mul(f32x4.mul(slope, slope), f32x4.add(square, f32x4.splat(querySquare)));
      const factor = f32x4.mul(f32x4.sqrt(f32x4.add(others, f32x4.splat(1))), f32x4.splat(size));
      store<f32>(worths + at, load<f32>(data + at) * f32x4.extract_lane(factor, 0));
      if (e + 1 < last) store<f32>(worths + at, load<f32>(data + at, 4) * f32x4.extract_lane(factor, 1), 4);
      if (e + 2 < last) store<f32>(worths + at, load<f32>(data + at, 8) * f32x4.extract_lane(factor, 2), 8);
      if (e + 3 < last) store<f32>(worths + at, load<f32>(data + at, 12) * f32x4.extract_lane(factor, 3), 12);
    }
  }
}

// @ts-ignore: decorator
@inline
function keyAt(indices: usize, e: u32, end: u32): usize {
  return load<u32>(indices + ((min(e, end - 1) as usize) << 2)) as usize;
}

/** Where the query and the cotangent of a row of Ŵ stand in [b, n, hq]. */
// @ts-ignore: decorator
@inline
function queryOf(row: i32, n: i32, queryHeads: i32): usize {
  const head = row / n;
  return (((head / queryHeads) * n + (row % n)) * queryHeads + (head % queryHeads)) as usize;
}

/** ‖x‖, in float64 since the squares of small gradients vanish in float32. */
function norm(x: usize, d: i32): f32 {
  let sums = f64x2.splat(0);
  let t = 0;
  for (; t + 2 <= d; t += 2) {
    const pair = f64x2.promote_low_f32x4(v128.load64_zero(x + ((t as usize) << 2)));
    sums = f64x2.add(sums, f64x2.mul(pair, pair));
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  if (t < d) {
    const one = load<f32>(x + ((t as usize) << 2)) as f64;
    sum += one * one;
  }
  return sqrt<f64>(sum) as f32;
}

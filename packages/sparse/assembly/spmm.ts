import { fma } from "../../tensor/assembly/lib/fma";
import { at, rowOf } from "./lib/rows";

// The entries are cut into chunks of a fixed length, whatever the rows: a row with very many entries (a column that
// every query attends to, once transposed) is the work of many chunks, and the sums do not depend on who computes
// which. A chunk writes a row that lies inside it to `out`, and the two that it may share with its neighbours to its
// own pair of `partials`: first the row that began before it, then the one that it begins but does not end.

/** out_i = scale · Σ data[p] · b_j over the rows that lie inside one of the chunks [begin, end); others to partials. */
export function spmmChunks(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, indices: usize, data: usize, b: usize, out: usize, partials: usize,
  rows: u32, nnz: u32, k: u32, chunk: u32, scale: f32,
): void {
  const stride = (k as usize) << 2;
  for (let c = begin as u32; c < (end as u32); c++) {
    const first = c * chunk;
    const last = min(first + chunk, nnz);
    let row = rowOf(indptr, rows, first);
    for (let p = first; p < last; row++) {
      const rowBegin = at(indptr, row), rowEnd = at(indptr, row + 1);
      if (rowBegin === rowEnd) continue;
      const stop = min(rowEnd, last);
      if (rowBegin >= first && rowEnd <= last) {
        sumRows(indices, data, b, p, stop, stride, out + (row as usize) * stride, scale);
      } else {
        const slot = 2 * (c as usize) + (rowBegin >= first ? 1 : 0);
        sumRows(indices, data, b, p, stop, stride, partials + slot * stride, 1);
      }
      p = stop;
    }
  }
}

/** Completes the rows [begin, end): zeros where a row is empty, the sum of its partials where it crosses chunks. */
export function spmmRows(
  begin: i32, end: i32, _scratch: usize,
  indptr: usize, partials: usize, out: usize, k: u32, chunk: u32, scale: f32,
): void {
  const stride = (k as usize) << 2;
  for (let row = begin as u32; row < (end as u32); row++) {
    const rowBegin = at(indptr, row), rowEnd = at(indptr, row + 1);
    const target = out + (row as usize) * stride;
    if (rowBegin === rowEnd) {
      memory.fill(target, 0, stride);
      continue;
    }
    const first = rowBegin / chunk, last = (rowEnd - 1) / chunk;
    if (first === last) continue;
    memory.copy(target, partials + (2 * (first as usize) + 1) * stride, stride);
    for (let c = first + 1; c <= last; c++) {
      addScaled(target, partials + 2 * (c as usize) * stride, stride, c === last ? scale : 1);
    }
  }
}

/** target = scale · (target + term). */
function addScaled(target: usize, term: usize, stride: usize, scale: f32): void {
  let t: usize = 0;
  const factor = f32x4.splat(scale);
  for (; t + 16 <= stride; t += 16) {
    v128.store(target + t, f32x4.mul(f32x4.add(v128.load(target + t), v128.load(term + t)), factor));
  }
  for (; t < stride; t += 4) store<f32>(target + t, (load<f32>(target + t) + load<f32>(term + t)) * scale);
}

/** target = scale · Σ data[p] · b_j over the entries [p, stop), 32 columns at a time: sixteen sums, for 64, would spill. */
// @ts-ignore: decorator
@inline
function sumRows(
  indices: usize, data: usize, b: usize, p: u32, stop: u32, stride: usize, target: usize, scale: f32,
): void {
  const from = (p as usize) << 2, to = (stop as usize) << 2;
  let t: usize = 0;
  for (; t + 128 <= stride; t += 128) sum32(indices, data, b + t, from, to, stride, target + t, scale);
  for (; t + 16 <= stride; t += 16) {
    let s = f32x4.splat(0);
    for (let q = from; q < to; q += 4) {
      s = fma(v128.load32_splat(data + q), v128.load(b + t + (load<u32>(indices + q) as usize) * stride), s);
    }
    v128.store(target + t, f32x4.mul(s, f32x4.splat(scale)));
  }
  for (; t < stride; t += 4) {
    let s: f32 = 0;
    for (let q = from; q < to; q += 4) {
      s += load<f32>(data + q) * load<f32>(b + t + (load<u32>(indices + q) as usize) * stride);
    }
    store<f32>(target + t, s * scale);
  }
}

// @ts-ignore: decorator
@inline
function sum32(
  indices: usize, data: usize, b: usize, from: usize, to: usize, stride: usize, target: usize, scale: f32,
): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  for (let q = from; q < to; q += 4) {
    const x = v128.load32_splat(data + q);
    const y = b + (load<u32>(indices + q) as usize) * stride;
    s0 = fma(x, v128.load(y), s0);
    s1 = fma(x, v128.load(y, 16), s1);
    s2 = fma(x, v128.load(y, 32), s2);
    s3 = fma(x, v128.load(y, 48), s3);
    s4 = fma(x, v128.load(y, 64), s4);
    s5 = fma(x, v128.load(y, 80), s5);
    s6 = fma(x, v128.load(y, 96), s6);
    s7 = fma(x, v128.load(y, 112), s7);
  }
  const factor = f32x4.splat(scale);
  v128.store(target, f32x4.mul(s0, factor));
  v128.store(target, f32x4.mul(s1, factor), 16);
  v128.store(target, f32x4.mul(s2, factor), 32);
  v128.store(target, f32x4.mul(s3, factor), 48);
  v128.store(target, f32x4.mul(s4, factor), 64);
  v128.store(target, f32x4.mul(s5, factor), 80);
  v128.store(target, f32x4.mul(s6, factor), 96);
  v128.store(target, f32x4.mul(s7, factor), 112);
}

import { fma } from "../../../tensor/assembly/lib/fma";
import { dot } from "../lib/vectors";

// What the baselines add to dQ and dK, without a draw: attention with the weight β_i for every key of the blocks before
// the row's own is linear attention, whose state is a matrix [d, d]. With M = Σ_j V_j K_jᵀ and m = Σ_j K_j over those keys,
//
//     dQ_i = scale · β_i (Mᵀ dO_i − D_i m)
//
// and with N = Σ_i dO_i (β_i Q_i)ᵀ and r = Σ_i D_i β_i Q_i over the rows of the blocks after the key's own,
//
//     dK_j = scale · (Nᵀ V_j − r)
//
// A unit of work is a strip of 16 columns of a key head's state: strips do not touch one another.

/** Columns of a state in one unit of work. */
// @ts-ignore: decorator
@inline
const STRIP: i32 = 16;
/** Rows of a block: `blockRows` of src/attention/scores-baseline.ts. */
// @ts-ignore: decorator
@inline
export const BLOCK: i32 = 64;

/** Bytes of a strip's row. */
// @ts-ignore: decorator
@inline
const ROW: usize = 64;

/**
 * The baselines' part of dQ; 0 for heads whose number in `gains` [b·hq] is 0. The range counts the strips of all key heads;
 * the scratch holds (d + BLOCK + 1) · 64 bytes and BLOCK · 8 more.
 */
export function attentionBackwardQueriesBaseline(
  begin: i32, end: i32, scratch: usize,
  k: usize, v: usize, out: usize, dOut: usize, beta: usize, gains: usize, dq: usize,
  n: i32, queryHeads: i32, keyHeads: i32, d: i32, causal: i32, scale: f32,
): void {
  const strips = (d + STRIP - 1) / STRIP;
  const group = queryHeads / keyHeads;
  const keyRow = ((keyHeads * d) as usize) << 2;
  const queryRow = ((queryHeads * d) as usize) << 2;
  const strip = scratch + ((d + 1) as usize) * ROW;
  const ones = strip + (BLOCK as usize) * ROW;
  const factors = ones + (BLOCK as usize) * 4;
  for (let unit = begin; unit < end; unit++) {
    const batch = unit / strips / keyHeads;
    const keyHead = (unit / strips) % keyHeads;
    const first = (unit % strips) * STRIP;
    const width = min(STRIP, d - first);
    const keys = (((batch * n * keyHeads + keyHead) * d) as usize) << 2;
    const queries = (((batch * n * queryHeads + keyHead * group) * d) as usize) << 2;
    const head = batch * queryHeads + keyHead * group;
    memory.fill(scratch, 0, ((d + 1) as usize) * ROW);
    if (causal == 0) {
      for (let from = 0; from < n; from += BLOCK) {
        const count = min(BLOCK, n - from);
        const at = keys + (from as usize) * keyRow;
        packStrip(strip, k + at + ((first as usize) << 2), keyRow, count, width);
        fillWith(ones, 1, count);
        accumulate(scratch, v + at, keyRow, ones, strip, count, d);
      }
    }
    for (let from = 0; from < n; from += BLOCK) {
      const count = min(BLOCK, n - from);
      for (let h = 0; h < group; h++) {
        const at = queries + (from as usize) * queryRow + (((h * d) as usize) << 2);
        const to = dq + at + ((first as usize) << 2);
        if (load<u32>(gains + (((head + h) as usize) << 2)) == 0) {
          clearStrip(to, queryRow, count, width);
          continue;
        }
        const betas = beta + ((((head + h) * n + from) as usize) << 2);
        for (let i = 0; i < count; i++) {
          const row = at + (i as usize) * queryRow;
          store<f32>(ones + ((i as usize) << 2), -dot(dOut + row, out + row, d));
          store<f32>(factors + ((i as usize) << 2), scale * load<f32>(betas + ((i as usize) << 2)));
        }
        apply(scratch, dOut + at, queryRow, ones, factors, to, queryRow, count, d, width);
      }
      if (causal == 0) continue;
      const at = keys + (from as usize) * keyRow;
      packStrip(strip, k + at + ((first as usize) << 2), keyRow, count, width);
      fillWith(ones, 1, count);
      accumulate(scratch, v + at, keyRow, ones, strip, count, d);
    }
  }
}

/** The baselines' part of dK. Range and scratch as those of `attentionBackwardQueriesBaseline`. */
export function attentionBackwardKeysBaseline(
  begin: i32, end: i32, scratch: usize,
  q: usize, v: usize, out: usize, dOut: usize, beta: usize, gains: usize, dk: usize,
  n: i32, queryHeads: i32, keyHeads: i32, d: i32, causal: i32, scale: f32,
): void {
  const strips = (d + STRIP - 1) / STRIP;
  const keyRow = ((keyHeads * d) as usize) << 2;
  const strip = scratch + ((d + 1) as usize) * ROW;
  const numbers = strip + (BLOCK as usize) * ROW;
  const factors = numbers + (BLOCK as usize) * 4;
  const lastBlock = ((n - 1) / BLOCK) * BLOCK;
  for (let unit = begin; unit < end; unit++) {
    const batch = unit / strips / keyHeads;
    const keyHead = (unit / strips) % keyHeads;
    const first = (unit % strips) * STRIP;
    const width = min(STRIP, d - first);
    const keys = (((batch * n * keyHeads + keyHead) * d) as usize) << 2;
    memory.fill(scratch, 0, ((d + 1) as usize) * ROW);
    if (causal == 0) {
      for (let from = lastBlock; from >= 0; from -= BLOCK) {
        addQueries(scratch, strip, numbers, q, out, dOut, beta, gains, batch, keyHead, from, first, width, n, queryHeads, keyHeads, d);
      }
    }
    for (let from = lastBlock; from >= 0; from -= BLOCK) {
      const count = min(BLOCK, n - from);
      const at = keys + (from as usize) * keyRow;
      fillWith(numbers, -1, count);
      fillWith(factors, scale, count);
      apply(scratch, v + at, keyRow, numbers, factors, dk + at + ((first as usize) << 2), keyRow, count, d, width);
      if (causal == 0) continue;
      addQueries(scratch, strip, numbers, q, out, dOut, beta, gains, batch, keyHead, from, first, width, n, queryHeads, keyHeads, d);
    }
  }
}

/** Adds a block of rows to N and r: those of all query heads of the key head that gain. */
function addQueries(
  state: usize, strip: usize, deltas: usize,
  q: usize, out: usize, dOut: usize, beta: usize, gains: usize, batch: i32, keyHead: i32, from: i32, first: i32, width: i32,
  n: i32, queryHeads: i32, keyHeads: i32, d: i32,
): void {
  const group = queryHeads / keyHeads;
  const count = min(BLOCK, n - from);
  const queryRow = ((queryHeads * d) as usize) << 2;
  for (let h = keyHead * group; h < (keyHead + 1) * group; h++) {
    if (load<u32>(gains + (((batch * queryHeads + h) as usize) << 2)) == 0) continue;
    const at = (((batch * n + from) * queryHeads + h) as usize) * (d as usize) * 4;
    packStrip(strip, q + at + ((first as usize) << 2), queryRow, count, width);
    const betas = beta + ((((batch * queryHeads + h) * n + from) as usize) << 2);
    for (let i = 0; i < count; i++) {
      const row = at + (i as usize) * queryRow;
      store<f32>(deltas + ((i as usize) << 2), dot(dOut + row, out + row, d));
      const factor = v128.load32_splat(betas + ((i as usize) << 2));
      const to = strip + (i as usize) * ROW;
      v128.store(to, f32x4.mul(factor, v128.load(to)));
      v128.store(to, f32x4.mul(factor, v128.load(to, 16)), 16);
      v128.store(to, f32x4.mul(factor, v128.load(to, 32)), 32);
      v128.store(to, f32x4.mul(factor, v128.load(to, 48)), 48);
    }
    accumulate(state, dOut + at, queryRow, deltas, strip, count, d);
  }
}

/** Copies 16 columns of `count` rows next to one another, zeros for those beyond `width`. */
function packStrip(to: usize, from: usize, stride: usize, count: i32, width: i32): void {
  for (let i = 0; i < count; i++) {
    if (width == STRIP) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      v128.store(to, v128.load(from, 32), 32);
      v128.store(to, v128.load(from, 48), 48);
    } else {
      for (let t = 0; t < STRIP; t++) {
        store<f32>(to + ((t as usize) << 2), t < width ? load<f32>(from + ((t as usize) << 2)) : 0);
      }
    }
    to += ROW;
    from += stride;
  }
}

function fillWith(to: usize, value: f32, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(to + ((i as usize) << 2), value);
}

function clearStrip(to: usize, stride: usize, count: i32, width: i32): void {
  for (let i = 0; i < count; i++) {
    memory.fill(to, 0, (width as usize) << 2);
    to += stride;
  }
}

/**
 * `state[s] += Σ_i left_i[s] · strip_i` for s < d, and `state[d] += Σ_i last_i · strip_i`, over `count` rows: four rows of the
 * state at a time stay in registers.
 */
function accumulate(state: usize, left: usize, stride: usize, last: usize, strip: usize, count: i32, d: i32): void {
  let s = 0;
  for (; s + 4 <= d; s += 4) {
    let a0 = v128.load(state), a1 = v128.load(state, 16), a2 = v128.load(state, 32), a3 = v128.load(state, 48);
    let b0 = v128.load(state, 64), b1 = v128.load(state, 80), b2 = v128.load(state, 96), b3 = v128.load(state, 112);
    let c0 = v128.load(state, 128), c1 = v128.load(state, 144), c2 = v128.load(state, 160), c3 = v128.load(state, 176);
    let e = left;
    let row = strip;
    // Three rows of the state, whose sums and a row of the strip fill the sixteen registers; the fourth follows.
    for (let i = count; i > 0; i--) {
      const x0 = v128.load(row), x1 = v128.load(row, 16), x2 = v128.load(row, 32), x3 = v128.load(row, 48);
      let y = v128.load32_splat(e);
      a0 = fma(y, x0, a0);
      a1 = fma(y, x1, a1);
      a2 = fma(y, x2, a2);
      a3 = fma(y, x3, a3);
      y = v128.load32_splat(e, 4);
      b0 = fma(y, x0, b0);
      b1 = fma(y, x1, b1);
      b2 = fma(y, x2, b2);
      b3 = fma(y, x3, b3);
      y = v128.load32_splat(e, 8);
      c0 = fma(y, x0, c0);
      c1 = fma(y, x1, c1);
      c2 = fma(y, x2, c2);
      c3 = fma(y, x3, c3);
      e += stride;
      row += ROW;
    }
    v128.store(state, a0);
    v128.store(state, a1, 16);
    v128.store(state, a2, 32);
    v128.store(state, a3, 48);
    v128.store(state, b0, 64);
    v128.store(state, b1, 80);
    v128.store(state, b2, 96);
    v128.store(state, b3, 112);
    v128.store(state, c0, 128);
    v128.store(state, c1, 144);
    v128.store(state, c2, 160);
    v128.store(state, c3, 176);
    accumulateOne(state + 192, left + 12, stride, strip, count);
    state += 256;
    left += 16;
  }
  for (; s < d; s++) {
    accumulateOne(state, left, stride, strip, count);
    state += ROW;
    left += 4;
  }
  accumulateOne(state, last, 4, strip, count);
}

/** One row of a state. */
function accumulateOne(state: usize, left: usize, stride: usize, strip: usize, count: i32): void {
  let s0 = v128.load(state), s1 = v128.load(state, 16), s2 = v128.load(state, 32), s3 = v128.load(state, 48);
  for (let i = count; i > 0; i--) {
    const y = v128.load32_splat(left);
    s0 = fma(y, v128.load(strip), s0);
    s1 = fma(y, v128.load(strip, 16), s1);
    s2 = fma(y, v128.load(strip, 32), s2);
    s3 = fma(y, v128.load(strip, 48), s3);
    left += stride;
    strip += ROW;
  }
  v128.store(state, s0);
  v128.store(state, s1, 16);
  v128.store(state, s2, 32);
  v128.store(state, s3, 48);
}

/** `out_i = factor_i · (Σ_s left_i[s] · state[s] + last_i · state[d])` for `count` rows, the first `width` columns. */
function apply(
  state: usize, left: usize, stride: usize, last: usize, factors: usize, out: usize, outStride: usize,
  count: i32, d: i32, width: i32,
): void {
  const end = state + (d as usize) * ROW;
  let i = 0;
  for (; i + 3 <= count; i += 3) {
    const l1 = left + stride;
    const l2 = l1 + stride;
    const z0 = v128.load(end), z1 = v128.load(end, 16), z2 = v128.load(end, 32), z3 = v128.load(end, 48);
    let y = v128.load32_splat(last);
    let a0 = f32x4.mul(y, z0), a1 = f32x4.mul(y, z1), a2 = f32x4.mul(y, z2), a3 = f32x4.mul(y, z3);
    y = v128.load32_splat(last, 4);
    let b0 = f32x4.mul(y, z0), b1 = f32x4.mul(y, z1), b2 = f32x4.mul(y, z2), b3 = f32x4.mul(y, z3);
    y = v128.load32_splat(last, 8);
    let c0 = f32x4.mul(y, z0), c1 = f32x4.mul(y, z1), c2 = f32x4.mul(y, z2), c3 = f32x4.mul(y, z3);
    let offset: usize = 0;
    for (let row = state; row < end; row += ROW) {
      const x0 = v128.load(row), x1 = v128.load(row, 16), x2 = v128.load(row, 32), x3 = v128.load(row, 48);
      y = v128.load32_splat(left + offset);
      a0 = fma(y, x0, a0);
      a1 = fma(y, x1, a1);
      a2 = fma(y, x2, a2);
      a3 = fma(y, x3, a3);
      y = v128.load32_splat(l1 + offset);
      b0 = fma(y, x0, b0);
      b1 = fma(y, x1, b1);
      b2 = fma(y, x2, b2);
      b3 = fma(y, x3, b3);
      y = v128.load32_splat(l2 + offset);
      c0 = fma(y, x0, c0);
      c1 = fma(y, x1, c1);
      c2 = fma(y, x2, c2);
      c3 = fma(y, x3, c3);
      offset += 4;
    }
    storeScaled(out, factors, a0, a1, a2, a3, width);
    storeScaled(out + outStride, factors + 4, b0, b1, b2, b3, width);
    storeScaled(out + 2 * outStride, factors + 8, c0, c1, c2, c3, width);
    left += 3 * stride;
    out += 3 * outStride;
    last += 12;
    factors += 12;
  }
  for (; i < count; i++) {
    let y = v128.load32_splat(last);
    let a0 = f32x4.mul(y, v128.load(end)), a1 = f32x4.mul(y, v128.load(end, 16));
    let a2 = f32x4.mul(y, v128.load(end, 32)), a3 = f32x4.mul(y, v128.load(end, 48));
    let at = left;
    for (let row = state; row < end; row += ROW) {
      y = v128.load32_splat(at);
      a0 = fma(y, v128.load(row), a0);
      a1 = fma(y, v128.load(row, 16), a1);
      a2 = fma(y, v128.load(row, 32), a2);
      a3 = fma(y, v128.load(row, 48), a3);
      at += 4;
    }
    storeScaled(out, factors, a0, a1, a2, a3, width);
    left += stride;
    out += outStride;
    last += 4;
    factors += 4;
  }
}

// @ts-ignore: decorator
@inline
function storeScaled(out: usize, factor: usize, a0: v128, a1: v128, a2: v128, a3: v128, width: i32): void {
  const f = v128.load32_splat(factor);
  if (width == STRIP) {
    v128.store(out, f32x4.mul(f, a0));
    v128.store(out, f32x4.mul(f, a1), 16);
    v128.store(out, f32x4.mul(f, a2), 32);
    v128.store(out, f32x4.mul(f, a3), 48);
  } else storePart(out, f32x4.mul(f, a0), f32x4.mul(f, a1), f32x4.mul(f, a2), f32x4.mul(f, a3), width);
}

function storePart(out: usize, a0: v128, a1: v128, a2: v128, a3: v128, width: i32): void {
  let t = 0;
  let rest = a0;
  while (t < width) {
    store<f32>(out + ((t as usize) << 2), f32x4.extract_lane(rest, 0));
    t++;
    if ((t & 3) == 0) rest = t == 4 ? a1 : t == 8 ? a2 : a3;
    else rest = v128.shuffle<f32>(rest, rest, 1, 2, 3, 0);
  }
}

import { fma } from "../../../tensor/assembly/lib/fma";

/** Columns of dV in one unit of work: a cache line, whose running sums stay in registers. */
// @ts-ignore: decorator
@inline
const STRIP: i32 = 16;

/**
 * The part of dV that the baselines make, which no draw touches: `dV_j = Σ_i β_i dO_i` over the rows i that see key j, of
 * all query heads that share it: a running sum from the last row up, O(n·d). The range counts strips of 16 columns, all
 * key heads' in turn.
 */
export function attentionBackwardBaseline(
  begin: i32, end: i32, _scratch: usize,
  beta: usize, dOut: usize, dv: usize, n: i32, queryHeads: i32, keyHeads: i32, d: i32, causal: i32,
): void {
  const strips = (d + STRIP - 1) / STRIP;
  const group = queryHeads / keyHeads;
  for (let unit = begin; unit < end; unit++) {
    const batch = unit / strips / keyHeads;
    const keyHead = (unit / strips) % keyHeads;
    const first = (unit % strips) * STRIP;
    const betas = beta + (((batch * queryHeads + keyHead * group) * n) as usize) * 4;
    let from = dOut + (((batch * n * queryHeads + keyHead * group) as usize) * (d as usize) + (first as usize)) * 4;
    let to = dv + (((batch * n * keyHeads + keyHead) as usize) * (d as usize) + (first as usize)) * 4;
    if (first + STRIP <= d) sumStrip(betas, from, to, n, queryHeads, keyHeads, d, causal);
    else {
      for (let t = first; t < d; t++) {
        sumColumn(betas, from, to, n, queryHeads, keyHeads, d, causal);
        from += 4;
        to += 4;
      }
    }
  }
}

/** A strip of one key head, from its first row's cotangents `dOut` into its first row of `dv`. */
function sumStrip(
  betas: usize, dOut: usize, dv: usize, n: i32, queryHeads: i32, keyHeads: i32, d: i32, causal: i32,
): void {
  const queryRow = ((queryHeads * d) as usize) << 2;
  const keyRow = ((keyHeads * d) as usize) << 2;
  const head = (d as usize) << 2;
  const nextBeta = (n as usize) << 2;
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (let i = n - 1; i >= 0; i--) {
    let beta = betas + ((i as usize) << 2);
    let row = dOut + (i as usize) * queryRow;
    for (let h = queryHeads / keyHeads; h > 0; h--) {
      const factor = v128.load32_splat(beta);
      s0 = fma(factor, v128.load(row), s0);
      s1 = fma(factor, v128.load(row, 16), s1);
      s2 = fma(factor, v128.load(row, 32), s2);
      s3 = fma(factor, v128.load(row, 48), s3);
      beta += nextBeta;
      row += head;
    }
    if (causal == 0) continue;
    storeStrip(dv + (i as usize) * keyRow, s0, s1, s2, s3);
  }
  if (causal == 0) for (let j = 0; j < n; j++) storeStrip(dv + (j as usize) * keyRow, s0, s1, s2, s3);
}

// @ts-ignore: decorator
@inline
function storeStrip(to: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(to, s0);
  v128.store(to, s1, 16);
  v128.store(to, s2, 32);
  v128.store(to, s3, 48);
}

/** `sumStrip` for a single column: those left over where d is no multiple of 16. */
function sumColumn(
  betas: usize, dOut: usize, dv: usize, n: i32, queryHeads: i32, keyHeads: i32, d: i32, causal: i32,
): void {
  const group = queryHeads / keyHeads;
  const keyRow = ((keyHeads * d) as usize) << 2;
  let sum: f32 = 0;
  for (let i = n - 1; i >= 0; i--) {
    for (let h = 0; h < group; h++) {
      const row = dOut + (((i as usize) * (queryHeads as usize) + (h as usize)) * (d as usize)) * 4;
      sum += load<f32>(betas + ((h * n + i) as usize) * 4) * load<f32>(row);
    }
    if (causal != 0) store<f32>(dv + (i as usize) * keyRow, sum);
  }
  if (causal == 0) for (let j = 0; j < n; j++) store<f32>(dv + (j as usize) * keyRow, sum);
}

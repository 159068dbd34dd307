import { fma } from "../../../tensor/assembly/lib/fma";

/** Columns of dV in one unit of work: a cache line. */
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
  const queryRow = ((queryHeads * d) as usize) << 2;
  const keyRow = ((keyHeads * d) as usize) << 2;
  for (let unit = begin; unit < end; unit++) {
    const head = unit / strips;
    const batch = head / keyHeads;
    const first = (unit % strips) * STRIP;
    const width = min(STRIP, d - first);
    const query = (head % keyHeads) * group;
    const betas = beta + (((batch * queryHeads + query) * n) as usize) * 4;
    const cotangents = dOut + ((batch * n) as usize) * queryRow + ((query * d + first) as usize) * 4;
    const sums = dv + ((batch * n) as usize) * keyRow + (((head % keyHeads) * d + first) as usize) * 4;
    let from = sums;
    for (let i = n - 1; i >= 0; i--) {
      const to = sums + (causal != 0 ? i as usize : 0) * keyRow;
      if (i == n - 1) clearStrip(to, width);
      else copyStrip(to, from, width);
      for (let h = 0; h < group; h++) {
        const row = cotangents + (i as usize) * queryRow + ((h * d) as usize) * 4;
        addStrip(to, load<f32>(betas + ((h * n + i) as usize) * 4), row, width);
      }
      from = to;
    }
    if (causal == 0) for (let j = 1; j < n; j++) copyStrip(sums + (j as usize) * keyRow, sums, width);
  }
}

// @ts-ignore: decorator
@inline
function clearStrip(to: usize, width: i32): void {
  for (let t = 0; t < width; t++) store<f32>(to + ((t as usize) << 2), 0);
}

// @ts-ignore: decorator
@inline
function copyStrip(to: usize, from: usize, width: i32): void {
  let t: usize = 0;
  for (; t + 16 <= (width as usize) << 2; t += 16) v128.store(to + t, v128.load(from + t));
  for (; t < (width as usize) << 2; t += 4) store<f32>(to + t, load<f32>(from + t));
}

// @ts-ignore: decorator
@inline
function addStrip(to: usize, factor: f32, row: usize, width: i32): void {
  const factors = f32x4.splat(factor);
  let t: usize = 0;
  for (; t + 16 <= (width as usize) << 2; t += 16) v128.store(to + t, fma(factors, v128.load(row + t), v128.load(to + t)));
  for (; t < (width as usize) << 2; t += 4) store<f32>(to + t, load<f32>(to + t) + factor * load<f32>(row + t));
}

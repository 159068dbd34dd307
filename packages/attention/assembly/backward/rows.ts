import { fma } from "../../../tensor/assembly/lib/fma";

/**
 * Along the rows of Ŵ: `dQ_i = Σ_j (scale · dS_ij) K_j`, with scale · dS entry by entry in `gradient`, added to what dQ holds
 * where it has a `baseline`. The range counts
 * the rows, [b·hq·n].
 */
export function attentionBackwardRows(
  begin: i32, end: i32, _scratch: usize,
  k: usize, indptr: usize, indices: usize, gradient: usize, dq: usize,
  n: i32, queryHeads: i32, keyHeads: i32, d: i32, baseline: i32,
): void {
  const group = queryHeads / keyHeads;
  const stride = ((keyHeads * d) as usize) << 2;
  for (let row = begin; row < end; row++) {
    const head = row / n;
    const batch = head / queryHeads;
    const query = ((batch * n + (row % n)) * queryHeads + (head % queryHeads)) as usize;
    const keys = k + ((batch * n) as usize) * stride + ((((head % queryHeads) / group) * d) << 2);
    const first = (load<u32>(indptr + ((row as usize) << 2)) as usize) << 2;
    const last = (load<u32>(indptr + ((row as usize) << 2), 4) as usize) << 2;
    if (baseline == 0) memory.fill(dq + query * (d as usize) * 4, 0, (d as usize) << 2);
    sumRows(dq + query * (d as usize) * 4, indices + first, indices + last, gradient - indices, keys, stride, d);
  }
}

/**
 * `out[d] += Σ coefficient · row[d]` over the indices from `first` to `last`; the coefficient of an index lies `shift`
 * bytes behind it, its row starts at `base + index · stride`. Eight vectors of sums stay in registers.
 */
function sumRows(out: usize, first: usize, last: usize, shift: usize, base: usize, stride: usize, d: i32): void {
  let t = 0;
  for (; t + 32 <= d; t += 32) {
    let s0 = v128.load(out), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);
    let s4 = v128.load(out, 64), s5 = v128.load(out, 80), s6 = v128.load(out, 96), s7 = v128.load(out, 112);
    for (let at = first; at < last; at += 4) {
      const row = base + (load<u32>(at) as usize) * stride;
      const c = v128.load32_splat(at + shift);
      s0 = fma(c, v128.load(row), s0);
      s1 = fma(c, v128.load(row, 16), s1);
      s2 = fma(c, v128.load(row, 32), s2);
      s3 = fma(c, v128.load(row, 48), s3);
      s4 = fma(c, v128.load(row, 64), s4);
      s5 = fma(c, v128.load(row, 80), s5);
      s6 = fma(c, v128.load(row, 96), s6);
      s7 = fma(c, v128.load(row, 112), s7);
    }
    v128.store(out, s0);
    v128.store(out, s1, 16);
    v128.store(out, s2, 32);
    v128.store(out, s3, 48);
    v128.store(out, s4, 64);
    v128.store(out, s5, 80);
    v128.store(out, s6, 96);
    v128.store(out, s7, 112);
    base += 128;
    out += 128;
  }
  for (; t + 4 <= d; t += 4) {
    let s = v128.load(out);
    for (let at = first; at < last; at += 4) {
      s = fma(v128.load32_splat(at + shift), v128.load(base + (load<u32>(at) as usize) * stride), s);
    }
    v128.store(out, s);
    base += 16;
    out += 16;
  }
  for (; t < d; t++) {
    let s = load<f32>(out);
    for (let at = first; at < last; at += 4) s += load<f32>(at + shift) * load<f32>(base + (load<u32>(at) as usize) * stride);
    store<f32>(out, s);
    base += 4;
    out += 4;
  }
}

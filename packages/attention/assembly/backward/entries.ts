import { fma } from "../../../tensor/assembly/lib/fma";

// The entries of Ŵ sorted by column, 16 bytes each: where the row's query and cotangent start, in bytes from the first
// of [b, n, hq, d]; Ŵ_ij, which makes way for C_ij; D_i, which makes way for scale · dS_ij; and the entry's place in Ŵ.

// @ts-ignore: decorator
@inline
export const ENTRY: usize = 16;
// @ts-ignore: decorator
@inline
export const WEIGHT: usize = 4;
// @ts-ignore: decorator
@inline
export const GRADIENT: usize = 8;
// @ts-ignore: decorator
@inline
export const PLACE: usize = 12;

/**
 * `out[d] += Σ coefficient · row[d]` over the entries from `first` to `last`: the coefficient is the number `which`
 * bytes into the entry, the row starts at `base` plus the entry's offset. Eight vectors of sums stay in registers.
 */
export function addRows(out: usize, first: usize, last: usize, which: usize, base: usize, d: i32): void {
  let t = 0;
  for (; t + 32 <= d; t += 32) {
    let s0 = v128.load(out), s1 = v128.load(out, 16), s2 = v128.load(out, 32), s3 = v128.load(out, 48);
    let s4 = v128.load(out, 64), s5 = v128.load(out, 80), s6 = v128.load(out, 96), s7 = v128.load(out, 112);
    for (let entry = first; entry < last; entry += ENTRY) {
      const row = base + load<u32>(entry);
      const c = v128.load32_splat(entry + which);
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
    for (let entry = first; entry < last; entry += ENTRY) {
      s = fma(v128.load32_splat(entry + which), v128.load(base + load<u32>(entry)), s);
    }
    v128.store(out, s);
    base += 16;
    out += 16;
  }
  for (; t < d; t++) {
    let s = load<f32>(out);
    for (let entry = first; entry < last; entry += ENTRY) s += load<f32>(entry + which) * load<f32>(base + load<u32>(entry));
    store<f32>(out, s);
    base += 4;
    out += 4;
  }
}

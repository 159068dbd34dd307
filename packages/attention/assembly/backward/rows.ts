import { dot, dotFour, ENTRY, weightedSum } from "../lib/vectors";

/**
 * The half of the sampled backward pass that walks the rows of Ŵ, [b·hq·n] in the range: the SDDMM
 * `dS_ij = Ŵ_ij (dO_i · V_j − D_i)` with `D_i = dO_i · O_i`, which goes to `gradient` entry by entry, and
 * `dQ_i = scale · Σ_j dS_ij K_j`. The scratch holds `ENTRY` bytes for each entry of the longest row, and three more.
 */
export function attentionBackwardRows(
  begin: i32, end: i32, scratch: usize,
  k: usize, v: usize, out: usize, dOut: usize, indptr: usize, indices: usize, data: usize,
  gradient: usize, dq: usize, n: i32, queryHeads: i32, keyHeads: i32, d: i32, scale: f32,
): void {
  const group = queryHeads / keyHeads;
  const keyBytes = ((keyHeads * d) as usize) << 2;
  for (let row = begin; row < end; row++) {
    const head = row / n;
    const batch = head / queryHeads;
    const query = ((batch * n + (row % n)) * queryHeads + (head % queryHeads)) as usize;
    const at = query * (d as usize) * 4;
    const keyHead = (((head % queryHeads) / group) * d) as usize;
    const keys = (((batch * n) as usize) * keyBytes) + (keyHead << 2);

    const first = load<u32>(indptr + ((row as usize) << 2));
    const count = (load<u32>(indptr + ((row as usize) << 2), 4) - first) as i32;
    const entries = (first as usize) << 2;
    for (let e = 0; e < count; e++) {
      const j = load<u32>(indices + entries + ((e as usize) << 2)) as usize;
      store<u32>(scratch + (e as usize) * ENTRY, (j * keyBytes) as u32);
    }
    for (let e = count; e < count + 3; e++) store<u32>(scratch + (e as usize) * ENTRY, 0);

    const delta = f32x4.splat(dot(dOut + at, out + at, d));
    for (let e = 0; e < count; e += 4) {
      const list = scratch + (e as usize) * ENTRY;
      const products = dotFour(
        dOut + at,
        v + keys + load<u32>(list), v + keys + load<u32>(list, 12),
        v + keys + load<u32>(list, 24), v + keys + load<u32>(list, 36), d,
      );
      const from = data + entries + ((e as usize) << 2);
      const to = gradient + entries + ((e as usize) << 2);
      if (e + 4 <= count) {
        const ds = f32x4.mul(v128.load(from), f32x4.sub(products, delta));
        v128.store(to, ds);
        v128.store32_lane(list + 4, ds, 0);
        v128.store32_lane(list + 16, ds, 1);
        v128.store32_lane(list + 28, ds, 2);
        v128.store32_lane(list + 40, ds, 3);
        continue;
      }
      const rest = f32x4.sub(products, delta);
      const last = count - e;
      const d0 = load<f32>(from) * f32x4.extract_lane(rest, 0);
      store<f32>(to, d0);
      store<f32>(list + 4, d0);
      if (last > 1) {
        const d1 = load<f32>(from, 4) * f32x4.extract_lane(rest, 1);
        store<f32>(to + 4, d1);
        store<f32>(list + 16, d1);
      }
      if (last > 2) {
        const d2 = load<f32>(from, 8) * f32x4.extract_lane(rest, 2);
        store<f32>(to + 8, d2);
        store<f32>(list + 28, d2);
      }
    }
    weightedSum(dq + at, scratch, 4, count, k + keys, d, scale);
  }
}

import { dotFour } from "../lib/vectors";
import { addRows, ENTRY, GRADIENT, PLACE, WEIGHT } from "./entries";

/**
 * Along the columns of Ŵ: the SDDMM `dS_ij = Ŵ_ij (dO_i · V_j − D_i)`, and with it `dK_j = scale · Σ_i dS_ij Q_i` and
 * `dV_j = Σ_i C_ij dO_i`, with the C that `attentionBackwardMove` left in `gradient`; added to what dV and dK
 * hold where `baselines` is 2, to what dV holds where it is 1. The range counts the columns of all key heads. `entries` and `starts` come from
 * `attentionBackwardMove`: slice by slice of the rows, so that the queries and cotangents which the columns of one
 * slice gather stay in cache. Leaves scale · dS in `gradient`, in place of C.
 */
export function attentionBackwardColumns(
  begin: i32, end: i32, _scratch: usize,
  q: usize, k: usize, v: usize, dOut: usize, entries: usize, starts: usize, gradient: usize, dk: usize, dv: usize,
  n: i32, slices: i32, keyHeads: i32, d: i32, scale: f32, baselines: i32,
): void {
  const stride = ((keyHeads * d) as usize) << 2;
  while (begin < end) {
    const head = begin / n;
    const last = min(end, (head + 1) * n);
    const at = ((((head / keyHeads) * n) * keyHeads + (head % keyHeads)) as usize) * (d as usize) * 4;
    for (let slice = 0; slice < slices; slice++) {
      let start = starts + ((((head * slices + slice) * n + (begin % n)) as usize) << 2);
      let from = entries + (load<u32>(start) as usize) * ENTRY;
      let column = at + ((begin % n) as usize) * stride;
      for (let j = begin; j < last; j++) {
        start += 4;
        const to = entries + (load<u32>(start) as usize) * ENTRY;
        if (slice == 0) {
          if (baselines < 2) clear(dk + column, d);
          if (baselines == 0) clear(dv + column, d);
        }
        if (from < to) {
          differentiate(from, to, v + column, dOut, gradient, d, scale);
          addRows(dv + column, from, to, WEIGHT, dOut, d);
          addRows(dk + column, from, to, GRADIENT, q, d);
        }
        column += stride;
        from = to;
      }
    }
    begin = last;
  }
}

/** Zeros for a short row, by a loop: a call of `memory.fill` would take longer. */
// @ts-ignore: decorator
@inline
function clear(row: usize, d: i32): void {
  let t = 0;
  for (; t + 4 <= d; t += 4) v128.store(row + ((t as usize) << 2), f32x4.splat(0));
  for (; t < d; t++) store<f32>(row + ((t as usize) << 2), 0);
}

/** The SDDMM of one column: D_i in the entries becomes scale · dS_ij, Ŵ_ij becomes C_ij. There is memory for three more entries. */
function differentiate(first: usize, last: usize, value: usize, dOut: usize, gradient: usize, d: i32, scale: f32): void {
  for (let entry = first; entry < last; entry += 4 * ENTRY) {
    const products = dotFour(
      value, dOut + load<u32>(entry), dOut + load<u32>(entry, 16), dOut + load<u32>(entry, 32), dOut + load<u32>(entry, 48), d,
    );
    finish(entry, f32x4.extract_lane(products, 0), gradient, scale);
    if (entry + ENTRY < last) finish(entry + ENTRY, f32x4.extract_lane(products, 1), gradient, scale);
    if (entry + 2 * ENTRY < last) finish(entry + 2 * ENTRY, f32x4.extract_lane(products, 2), gradient, scale);
    if (entry + 3 * ENTRY < last) finish(entry + 3 * ENTRY, f32x4.extract_lane(products, 3), gradient, scale);
  }
}

// @ts-ignore: decorator
@inline
function finish(entry: usize, product: f32, gradient: usize, scale: f32): void {
  const place = gradient + ((load<u32>(entry, PLACE) as usize) << 2);
  const ds = load<f32>(entry, WEIGHT) * (product - load<f32>(entry, GRADIENT)) * scale;
  store<f32>(entry, ds, GRADIENT);
  store<f32>(entry, load<f32>(place), WEIGHT);
  store<f32>(place, ds);
}

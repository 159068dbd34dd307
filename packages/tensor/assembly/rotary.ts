import { fma, fnma } from "./lib/fma";

/**
 * Rotates the pairs (x_i, x_{i + d/2}) of every head by the angle of their position, for the positions in
 * [begin, end) of x [batch, n, heads, d].
 *
 * The angle of position p is that of 64·⌊p/64⌋ (`coarse`) plus that of p mod 64 (`fine`), complex numbers in float64
 * of d/2 pairs a row, multiplied here: no position depends on another. `direction` is 1, or −1 for the inverse.
 * `scratch` holds a row of cosines and one of sines.
 */
export function rotary(
  begin: i32, end: i32, scratch: usize,
  x: usize, out: usize, coarse: usize, fine: usize, direction: f64, batch: i32, n: i32, heads: i32, d: i32,
): void {
  const half = (d as usize) >> 1, head = (d as usize) << 2;
  const cosines = scratch, sines = scratch + (half << 2);
  for (let p = begin; p < end; p++) {
    const large = coarse + ((p >> 6) as usize) * (half << 4), small = fine + ((p & 63) as usize) * (half << 4);
    for (let i: usize = 0; i < half; i++) {
      const c = load<f64>(large + (i << 4)), s = load<f64>(large + (i << 4), 8);
      const c1 = load<f64>(small + (i << 4)), s1 = load<f64>(small + (i << 4), 8);
      store<f32>(cosines + (i << 2), (c * c1 - s * s1) as f32);
      store<f32>(sines + (i << 2), (direction * (s * c1 + c * s1)) as f32);
    }
    for (let b = 0; b < batch; b++) {
      const at = (((b as usize) * (n as usize) + (p as usize)) * (heads as usize)) * head;
      for (let h: usize = 0; h < (heads as usize); h++) {
        rotate(x + at + h * head, out + at + h * head, cosines, sines, half << 2);
      }
    }
  }
}

function rotate(x: usize, out: usize, cosines: usize, sines: usize, half: usize): void {
  let i: usize = 0;
  for (; i + 16 <= half; i += 16) {
    const low = v128.load(x + i), high = v128.load(x + half + i);
    const c = v128.load(cosines + i), s = v128.load(sines + i);
    v128.store(out + i, fnma(high, s, f32x4.mul(low, c)));
    v128.store(out + half + i, fma(low, s, f32x4.mul(high, c)));
  }
  for (; i < half; i += 4) {
    const low = load<f32>(x + i), high = load<f32>(x + half + i);
    const c = load<f32>(cosines + i), s = load<f32>(sines + i);
    store<f32>(out + i, low * c - high * s);
    store<f32>(out + half + i, low * s + high * c);
  }
}

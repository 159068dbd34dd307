// The random function on its own, for the test that it equals that of @sus/graph bit for bit.
import { fold as foldKey, independentBits, rotationBits, threefry as hash, toUniform } from "../lib/random";

/** out[i] = the two words of threefry with key (in[4i], in[4i + 1]) and counter (in[4i + 2], in[4i + 3]). */
export function threefry(begin: i32, end: i32, _scratch: usize, from: usize, out: usize): void {
  for (let i = begin as usize; i < (end as usize); i++) {
    const at = from + (i << 4);
    store<u64>(out + (i << 3), hash(load<u32>(at), load<u32>(at, 4), load<u32>(at, 8), load<u32>(at, 12)));
  }
}

/** out[i] = the two words of the key (in[4i], in[4i + 1]) folded with in[4i + 2]. */
export function fold(begin: i32, end: i32, _scratch: usize, from: usize, out: usize): void {
  for (let i = begin as usize; i < (end as usize); i++) {
    const at = from + (i << 4);
    store<u64>(out + (i << 3), foldKey(load<u64>(at), load<u32>(at, 8)));
  }
}

/** out[3i..] = the independent bits, the rotation bits and the uniform of entry in[4i + 2] of row (in[4i], in[4i + 1]). */
export function entries(begin: i32, end: i32, _scratch: usize, from: usize, out: usize): void {
  for (let i = begin as usize; i < (end as usize); i++) {
    const at = from + (i << 4), to = out + i * 12;
    const row = load<u64>(at), j = load<u32>(at, 8);
    const bits = independentBits(row, j);
    store<u32>(to, bits);
    store<u32>(to, rotationBits(row, j), 4);
    store<f32>(to, toUniform(bits), 8);
  }
}

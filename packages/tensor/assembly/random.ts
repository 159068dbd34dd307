import { independentBits, toUniform } from "./lib/random";

/** out[i] = low + width · u_i for i in [begin, end), u_i uniform on (0, 1] from entry i of the row with key (k0, k1). */
export function randomUniform(
  begin: i32, end: i32, _scratch: usize, out: usize, k0: u32, k1: u32, low: f32, width: f32,
): void {
  const row = (k0 as u64) | ((k1 as u64) << 32);
  for (let i = begin as u32; i < (end as u32); i++) {
    store<f32>(out + ((i as usize) << 2), low + width * toUniform(independentBits(row, i)));
  }
}

// The shared functions on their own, for the tests of their accuracy.
import { expPs, storeExpConstants } from "../lib/exp";
import { log as logOf } from "../lib/log";
import { sigmoidPs } from "../lib/sigmoid";

/** out[i] = eˣ for float32 x[i]; the range in multiples of 4. */
export function exp(begin: i32, end: i32, scratch: usize, x: usize, out: usize): void {
  storeExpConstants(scratch);
  for (let i = (begin as usize) << 2; i < (end as usize) << 2; i += 16) {
    v128.store(out + i, expPs(v128.load(x + i), scratch));
  }
}

/** out[i] = 1 / (1 + e⁻ˣ) for float32 x[i]; the range in multiples of 4. */
export function sigmoid(begin: i32, end: i32, scratch: usize, x: usize, out: usize): void {
  storeExpConstants(scratch);
  for (let i = (begin as usize) << 2; i < (end as usize) << 2; i += 16) {
    v128.store(out + i, sigmoidPs(v128.load(x + i), scratch));
  }
}

/** out[i] = ln x for float64 x[i]. */
export function log(begin: i32, end: i32, _scratch: usize, x: usize, out: usize): void {
  for (let i = (begin as usize) << 3; i < (end as usize) << 3; i += 8) store<f64>(out + i, logOf(load<f64>(x + i)));
}

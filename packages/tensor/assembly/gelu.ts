import { EXP_BYTES, storeExpConstants } from "./lib/exp";
import { fma } from "./lib/fma";
import { loadLanes, storeLanes } from "./lib/lanes";
import { sigmoidPs } from "./lib/sigmoid";

// gelu(x) = ½ x (1 + tanh u) = x · σ(2u) with 2u = x · (LINEAR + CUBIC · x²), LINEAR = 2√(2/π), CUBIC = 0.044715 LINEAR.
const LINEAR: f32 = 1.5957691216057308;
const CUBIC: f32 = 0.07135481627260025;

/** Writes the constants of all functions below to `table`: those of the exponential, then these. */
function storeConstants(table: usize): void {
  storeExpConstants(table);
  store<f32>(table + EXP_BYTES, LINEAR);
  store<f32>(table + EXP_BYTES, CUBIC, 4);
  store<f32>(table + EXP_BYTES, 3 * CUBIC, 8);
}

/** σ(2u). */
// @ts-ignore: decorator
@inline
function gatePs(x: v128, square: v128, table: usize): v128 {
  const slope = fma(square, v128.load32_splat(table + EXP_BYTES, 4), v128.load32_splat(table + EXP_BYTES));
  return sigmoidPs(f32x4.mul(x, slope), table);
}

// @ts-ignore: decorator
@inline
function geluPs(x: v128, table: usize): v128 {
  return f32x4.mul(x, gatePs(x, f32x4.mul(x, x), table));
}

/** σ + x · σ · (1 − σ) · d(2u)/dx. */
// @ts-ignore: decorator
@inline
function derivativePs(x: v128, table: usize): v128 {
  const square = f32x4.mul(x, x);
  const sigma = gatePs(x, square, table);
  const slope = fma(square, v128.load32_splat(table + EXP_BYTES, 8), v128.load32_splat(table + EXP_BYTES));
  const curve = f32x4.mul(sigma, f32x4.sub(v128.load32_splat(table, 48), sigma));
  return fma(f32x4.mul(x, slope), curve, sigma);
}

/** out = gelu(x), element by element. `scratch` holds constants. */
export function gelu(begin: i32, end: i32, scratch: usize, x: usize, out: usize): void {
  storeConstants(scratch);
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) v128.store(out + i, geluPs(v128.load(x + i), scratch));
  if (i < last) storeLanes(out + i, geluPs(loadLanes(x + i, (last - i) >> 2), scratch), (last - i) >> 2);
}

/** dx = gelu′(x) · dOut, element by element. `scratch` holds constants. */
export function geluBackward(begin: i32, end: i32, scratch: usize, x: usize, dOut: usize, dx: usize): void {
  storeConstants(scratch);
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) {
    v128.store(dx + i, f32x4.mul(derivativePs(v128.load(x + i), scratch), v128.load(dOut + i)));
  }
  if (i < last) {
    const lanes = (last - i) >> 2;
    storeLanes(dx + i, f32x4.mul(derivativePs(loadLanes(x + i, lanes), scratch), loadLanes(dOut + i, lanes)), lanes);
  }
}

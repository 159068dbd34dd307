import { expPs } from "./lib/exp";
import { fma } from "./lib/fma";
import { loadLanes, storeLanes } from "./lib/lanes";

// gelu(x) = ½ x (1 + tanh u) = x · σ(2u) with 2u = x · (LINEAR + CUBIC · x²), LINEAR = 2√(2/π), CUBIC = 0.044715 LINEAR.
const LINEAR: f32 = 1.5957691216057308;
const CUBIC: f32 = 0.07135481627260025;

// @ts-ignore: decorator
@inline
function gate(x: v128, square: v128): v128 {
  const argument = f32x4.mul(x, fma(square, f32x4.splat(CUBIC), f32x4.splat(LINEAR)));
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, expPs(f32x4.neg(argument))));
}

// @ts-ignore: decorator
@inline
function geluPs(x: v128): v128 {
  return f32x4.mul(x, gate(x, f32x4.mul(x, x)));
}

/** σ + x · σ · (1 − σ) · d(2u)/dx. */
// @ts-ignore: decorator
@inline
function derivativePs(x: v128): v128 {
  const square = f32x4.mul(x, x);
  const sigma = gate(x, square);
  const slope = f32x4.mul(x, fma(square, f32x4.splat(3 * CUBIC), f32x4.splat(LINEAR)));
  const curve = f32x4.mul(sigma, f32x4.sub(f32x4.splat(1), sigma));
  return fma(slope, curve, sigma);
}

/** out = gelu(x), element by element. */
export function gelu(begin: i32, end: i32, _scratch: usize, x: usize, out: usize): void {
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) v128.store(out + i, geluPs(v128.load(x + i)));
  if (i < last) storeLanes(out + i, geluPs(loadLanes(x + i, (last - i) >> 2)), (last - i) >> 2);
}

/** dx = gelu′(x) · dOut, element by element. */
export function geluBackward(begin: i32, end: i32, _scratch: usize, x: usize, dOut: usize, dx: usize): void {
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) v128.store(dx + i, f32x4.mul(derivativePs(v128.load(x + i)), v128.load(dOut + i)));
  if (i < last) {
    const lanes = (last - i) >> 2;
    storeLanes(dx + i, f32x4.mul(derivativePs(loadLanes(x + i, lanes)), loadLanes(dOut + i, lanes)), lanes);
  }
}

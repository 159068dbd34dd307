import { expPs } from "./lib/exp";
import { fma } from "./lib/fma";
import { loadLanes, storeLanes } from "./lib/lanes";

/** 1 / (1 + e⁻ˣ). */
// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, expPs(f32x4.neg(x))));
}

/** d(x σ(x))/dx = σ · (1 + x · (1 − σ)). */
// @ts-ignore: decorator
@inline
function derivative(x: v128, sigma: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.mul(sigma, fma(x, f32x4.sub(one, sigma), one));
}

// @ts-ignore: decorator
@inline
function swigluPs(gate: v128, up: v128): v128 {
  return f32x4.mul(f32x4.mul(gate, sigmoid(gate)), up);
}

/** out = gate · σ(gate) · up, element by element. */
export function swiglu(begin: i32, end: i32, _scratch: usize, gate: usize, up: usize, out: usize): void {
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) v128.store(out + i, swigluPs(v128.load(gate + i), v128.load(up + i)));
  if (i < last) {
    const lanes = (last - i) >> 2;
    storeLanes(out + i, swigluPs(loadLanes(gate + i, lanes), loadLanes(up + i, lanes)), lanes);
  }
}

/** dGate = dOut · up · silu′(gate), dUp = dOut · silu(gate), element by element. */
export function swigluBackward(
  begin: i32, end: i32, _scratch: usize,
  gate: usize, up: usize, dOut: usize, dGate: usize, dUp: usize,
): void {
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) {
    const x = v128.load(gate + i), cotangent = v128.load(dOut + i);
    const sigma = sigmoid(x);
    v128.store(dGate + i, f32x4.mul(f32x4.mul(cotangent, v128.load(up + i)), derivative(x, sigma)));
    v128.store(dUp + i, f32x4.mul(cotangent, f32x4.mul(x, sigma)));
  }
  if (i < last) {
    const lanes = (last - i) >> 2;
    const x = loadLanes(gate + i, lanes), cotangent = loadLanes(dOut + i, lanes);
    const sigma = sigmoid(x);
    storeLanes(dGate + i, f32x4.mul(f32x4.mul(cotangent, loadLanes(up + i, lanes)), derivative(x, sigma)), lanes);
    storeLanes(dUp + i, f32x4.mul(cotangent, f32x4.mul(x, sigma)), lanes);
  }
}

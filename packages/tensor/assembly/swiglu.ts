import { storeExpConstants } from "./lib/exp";
import { fma } from "./lib/fma";
import { loadLanes, storeLanes } from "./lib/lanes";
import { sigmoidPs } from "./lib/sigmoid";

/** d(x σ(x))/dx = σ · (1 + x · (1 − σ)). */
// @ts-ignore: decorator
@inline
function derivativePs(x: v128, sigma: v128, table: usize): v128 {
  const one = v128.load32_splat(table, 48);
  return f32x4.mul(sigma, fma(x, f32x4.sub(one, sigma), one));
}

// @ts-ignore: decorator
@inline
function swigluPs(gate: v128, up: v128, table: usize): v128 {
  return f32x4.mul(f32x4.mul(gate, sigmoidPs(gate, table)), up);
}

/** out = gate · σ(gate) · up, element by element. `scratch` holds the constants of the exponential. */
export function swiglu(begin: i32, end: i32, scratch: usize, gate: usize, up: usize, out: usize): void {
  storeExpConstants(scratch);
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) {
    v128.store(out + i, swigluPs(v128.load(gate + i), v128.load(up + i), scratch));
  }
  if (i < last) {
    const lanes = (last - i) >> 2;
    storeLanes(out + i, swigluPs(loadLanes(gate + i, lanes), loadLanes(up + i, lanes), scratch), lanes);
  }
}

/** dGate = dOut · up · silu′(gate), dUp = dOut · silu(gate), element by element. `scratch` as above. */
export function swigluBackward(
  begin: i32, end: i32, scratch: usize,
  gate: usize, up: usize, dOut: usize, dGate: usize, dUp: usize,
): void {
  storeExpConstants(scratch);
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) {
    const x = v128.load(gate + i), cotangent = v128.load(dOut + i);
    const sigma = sigmoidPs(x, scratch);
    v128.store(dGate + i, f32x4.mul(f32x4.mul(cotangent, v128.load(up + i)), derivativePs(x, sigma, scratch)));
    v128.store(dUp + i, f32x4.mul(cotangent, f32x4.mul(x, sigma)));
  }
  if (i < last) {
    const lanes = (last - i) >> 2;
    const x = loadLanes(gate + i, lanes), cotangent = loadLanes(dOut + i, lanes);
    const sigma = sigmoidPs(x, scratch);
    const dSilu = f32x4.mul(cotangent, loadLanes(up + i, lanes));
    storeLanes(dGate + i, f32x4.mul(dSilu, derivativePs(x, sigma, scratch)), lanes);
    storeLanes(dUp + i, f32x4.mul(cotangent, f32x4.mul(x, sigma)), lanes);
  }
}

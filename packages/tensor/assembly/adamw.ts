import { loadLanes, storeLanes } from "./lib/lanes";

/**
 * One step of AdamW on the elements in [begin, end): m and v are the running averages of the gradient and of its
 * square; `stepSize` = η/(1 − β₁ᵗ), `rootCorrection` = 1/√(1 − β₂ᵗ) and `keep` = 1 − η·λ come from the host.
 */
export function adamw(
  begin: i32, end: i32, _scratch: usize,
  parameter: usize, gradient: usize, m: usize, v: usize,
  beta1: f32, rest1: f32, beta2: f32, rest2: f32, stepSize: f32, rootCorrection: f32, epsilon: f32, keep: f32,
): void {
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  while (i < last) {
    const lanes = min<usize>(4, (last - i) >> 2);
    const whole = lanes == 4;
    const g = whole ? v128.load(gradient + i) : loadLanes(gradient + i, lanes);
    const m0 = whole ? v128.load(m + i) : loadLanes(m + i, lanes);
    const v0 = whole ? v128.load(v + i) : loadLanes(v + i, lanes);
    const p0 = whole ? v128.load(parameter + i) : loadLanes(parameter + i, lanes);
    const m1 = f32x4.add(f32x4.mul(f32x4.splat(beta1), m0), f32x4.mul(f32x4.splat(rest1), g));
    const v1 = f32x4.add(f32x4.mul(f32x4.splat(beta2), v0), f32x4.mul(f32x4.splat(rest2), f32x4.mul(g, g)));
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v1), f32x4.splat(rootCorrection)), f32x4.splat(epsilon));
    const step = f32x4.div(f32x4.mul(f32x4.splat(stepSize), m1), root);
    const p1 = f32x4.sub(f32x4.mul(p0, f32x4.splat(keep)), step);
    if (whole) {
      v128.store(m + i, m1);
      v128.store(v + i, v1);
      v128.store(parameter + i, p1);
    } else {
      storeLanes(m + i, m1, lanes);
      storeLanes(v + i, v1, lanes);
      storeLanes(parameter + i, p1, lanes);
    }
    i += 16;
  }
}

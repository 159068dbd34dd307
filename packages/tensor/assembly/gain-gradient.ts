/** Rows whose sum is taken before it is added to the total: they stay in the cache, and the rounding error shrinks. */
const ROWS: i32 = 64;

/**
 * dGain[j] = Σ_t dOut[t, j] · (x[t, j] − mean_t) · rstd_t for the columns j in [begin, end), each summed in the same
 * order: the gradient of the gain of a layer norm, and of an RMS norm where `means` is 0.
 */
export function gainGradient(
  begin: i32, end: i32, _scratch: usize,
  x: usize, means: usize, rstds: usize, dOut: usize, dGain: usize, rows: i32, width: i32,
): void {
  const row = (width as usize) << 2;
  const first = (begin as usize) << 2, last = (end as usize) << 2;
  memory.fill(dGain + first, 0, last - first);
  for (let t = 0; t < rows; t += ROWS) {
    const until = min(t + ROWS, rows) as usize;
    let j = first;
    for (; j + 32 <= last; j += 32) {
      let s0 = f32x4.splat(0), s1 = s0;
      for (let r = t as usize; r < until; r++) {
        const mean = f32x4.splat(means == 0 ? 0 : load<f32>(means + (r << 2)));
        const rstd = v128.load32_splat(rstds + (r << 2));
        const at = r * row + j;
        const x0 = f32x4.mul(f32x4.sub(v128.load(x + at), mean), rstd);
        const x1 = f32x4.mul(f32x4.sub(v128.load(x + at, 16), mean), rstd);
        s0 = f32x4.add(s0, f32x4.mul(v128.load(dOut + at), x0));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(dOut + at, 16), x1));
      }
      v128.store(dGain + j, f32x4.add(v128.load(dGain + j), s0));
      v128.store(dGain + j, f32x4.add(v128.load(dGain + j, 16), s1), 16);
    }
    for (; j < last; j += 4) {
      let sum: f32 = 0;
      for (let r = t as usize; r < until; r++) {
        const mean: f32 = means == 0 ? 0 : load<f32>(means + (r << 2));
        const at = r * row + j;
        sum += load<f32>(dOut + at) * ((load<f32>(x + at) - mean) * load<f32>(rstds + (r << 2)));
      }
      store<f32>(dGain + j, load<f32>(dGain + j) + sum);
    }
  }
}

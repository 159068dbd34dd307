/** Elements a partial sum covers, wherever the range is split. */
const CHUNK: i32 = 4096;

/** partial[c] = Σ x² in float64 over the elements of chunk c, for the chunks in [begin, end) of x [size]. */
export function sumSquares(begin: i32, end: i32, _scratch: usize, x: usize, partial: usize, size: i32): void {
  for (let c = begin; c < end; c++) {
    let i = ((c as usize) * CHUNK) << 2;
    const last = (min<i64>((c as i64 + 1) * CHUNK, size) as usize) << 2;
    let low = f64x2.splat(0), high = low;
    for (; i + 16 <= last; i += 16) {
      const value = v128.load(x + i);
      const a = f64x2.promote_low_f32x4(value), b = f64x2.promote_low_f32x4(v128.shuffle<f32>(value, value, 2, 3, 2, 3));
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const both = f64x2.add(low, high);
    let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
    for (; i < last; i += 4) {
      const value = load<f32>(x + i) as f64;
      sum += value * value;
    }
    store<f64>(partial + ((c as usize) << 3), sum);
  }
}

/** norm[0] = √Σ partial, summed in order, and factor[0] = min(1, maxNorm/norm). */
export function clipFactor(
  _begin: i32, _end: i32, _scratch: usize, partial: usize, count: i32, norm: usize, factor: usize, maxNorm: f64,
): void {
  let sum: f64 = 0;
  for (let c: usize = 0; c < (count as usize); c++) sum += load<f64>(partial + (c << 3));
  const root = sqrt<f64>(sum);
  store<f32>(norm, root as f32);
  store<f32>(factor, root > maxNorm ? ((maxNorm / root) as f32) : 1);
}

/** x[begin..end) ·= factor[0]; touches nothing where the factor is 1. */
export function clip(begin: i32, end: i32, _scratch: usize, x: usize, factor: usize): void {
  const value = load<f32>(factor);
  if (value == 1) return;
  const factors = f32x4.splat(value);
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) v128.store(x + i, f32x4.mul(v128.load(x + i), factors));
  for (; i < last; i += 4) store<f32>(x + i, load<f32>(x + i) * value);
}

/** out[begin..end) = factor · x, element by element. */
export function scale(begin: i32, end: i32, _scratch: usize, x: usize, out: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) v128.store(out + i, f32x4.mul(v128.load(x + i), factors));
  for (; i < last; i += 4) store<f32>(out + i, load<f32>(x + i) * factor);
}

/** The same with a factor that lies in memory. */
export function scaleBy(begin: i32, end: i32, scratch: usize, x: usize, out: usize, factor: usize): void {
  scale(begin, end, scratch, x, out, load<f32>(factor));
}

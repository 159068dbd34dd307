export function add(begin: i32, end: i32, scratch: usize, a: usize, b: usize, out: usize): void {
  for (let i = begin; i < end; i++) {
    const o = (i as usize) << 4;
    v128.store(out + o, f32x4.add(v128.load(a + o), v128.load(b + o)));
  }
}
export function fma(a: usize): void {
  const x = v128.load(a);
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(a, f32x4.relaxed_madd(x, x, x));
  } else {
    v128.store(a, f32x4.add(f32x4.mul(x, x), x));
  }
}

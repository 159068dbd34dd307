/** out[begin..end) = a + b, element by element. */
export function add(begin: i32, end: i32, _scratch: usize, a: usize, b: usize, out: usize): void {
  let i = (begin as usize) << 2;
  const last = (end as usize) << 2;
  for (; i + 16 <= last; i += 16) {
    v128.store(out + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
  }
  for (; i < last; i += 4) {
    store<f32>(out + i, load<f32>(a + i) + load<f32>(b + i));
  }
}

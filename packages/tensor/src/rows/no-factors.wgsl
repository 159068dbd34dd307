// The factors of gather.wgsl, all 1.

fn factorOf(r: u32) -> f32 {
  return 1.0;
}

// The language's own log has an absolute error of 2^-21 near 1, where the loss of a confident model lies.

/** ln x for a normal x > 0: x = m 2^e with m in [√½, √2), and ln m by the series of the inverse hyperbolic tangent. */
fn log1(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let e = (bits - 0x3f3504f3) >> 23u;
  let m = bitcast<f32>(bits - (e << 23u));
  let z = (m - 1.0) / (m + 1.0);
  let s = z * z;
  let series = fma(fma(fma(fma(s, 1.0 / 9.0, 1.0 / 7.0), s, 1.0 / 5.0), s, 1.0 / 3.0), s, 1.0);
  let scale = f32(e);
  // ln 2 in two parts, the first with few bits so that e times it is exact.
  let value = fma(scale, 0.693359375, fma(scale, -0.00021219444005471377, 2.0 * z * series));
  return select(x, value, bits < 0x7f800000);
}

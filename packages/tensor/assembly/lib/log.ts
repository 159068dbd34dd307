/**
 * ln x for a positive, normal float64, and infinity and NaN for themselves: x = m·2ᵉ with m in [√½, √2) and
 * ln m = 2·artanh((m − 1)/(m + 1)) by its series; error below 10⁻¹⁵ of the larger of 1 and the result. Scalar: for one
 * logarithm a row. (The standard library's uses tables, which are static data.)
 */
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<i64>(x);
  let exponent = ((bits >> 52) as i32) - 1023;
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    exponent++;
  }
  const z = (mantissa - 1) / (mantissa + 1), square = z * z;
  let series = 1.0 / 21.0;
  for (let odd = 19; odd > 0; odd -= 2) series = series * square + 1.0 / (odd as f64);
  return (exponent as f64) * 0.6931471805599453 + 2 * z * series;
}

/** log2 u of a normal positive number, relative error 1e-7, exactly 0 for 1: the polynomial of the WebAssembly kernels. */
fn log2Of(x: f32) -> f32 {
  let bits = bitcast<i32>(x);
  let exponent = (bits - 0x3f3504f3) >> 23u;
  let r = bitcast<f32>(bits - (exponent << 23u)) - 1.0;
  var p = fma(0.12583711166460018, r, -0.20726985215512989);
  p = fma(p, r, 0.21571562007186465);
  p = fma(p, r, -0.23894480795806486);
  p = fma(p, r, 0.28791624555861317);
  p = fma(p, r, -0.3607036833065245);
  p = fma(p, r, 0.48091064302341735);
  p = fma(p, r, -0.7213473467984308);
  p = fma(p, r, 1.442695003652107);
  return fma(p, r, f32(exponent));
}

// The softmax works in base 2: log2 e is folded into the queries. The language allows its own exp2 an error that grows with
// the argument; these take the polynomial of the WebAssembly kernels, so that both sides draw the same samples.

const LN_2 = 0.6931471805599453;
const LOG2_E = 1.4426950408889634;

/** Where running maxima start: below every score that counts; finite, so that −∞ minus it is not NaN. */
const LOWEST = -3.0e38;

/** 2^x for x ≤ 127: relative error 2e-7, exactly 0 below −126. */
fn exp2Four(x: vec4f) -> vec4f {
  let bounded = clamp(x, vec4f(-126.0), vec4f(127.0));
  let n = round(bounded);
  let r = bounded - n;
  var p = fma(vec4f(0.001326472725267608), r, vec4f(0.009671512785778031));
  p = fma(p, r, vec4f(0.05550733744471067));
  p = fma(p, r, vec4f(0.2402224208311181));
  p = fma(p, r, vec4f(0.693146977597679));
  p = fma(p, r, vec4f(1.0));
  let scaled = bitcast<vec4f>(bitcast<vec4i>(p) + (vec4i(n) << vec4u(23u)));
  return select(scaled, vec4f(0.0), x < vec4f(-126.0));
}

fn exp2One(x: f32) -> f32 {
  return exp2Four(vec4f(x)).x;
}

// The language allows its own exp an error that grows with the argument; this one has at most 2 ulp on any device.

/**
 * e^x for each element: x = n ln 2 + r, a polynomial of degree 6 in r and n added to the exponent. Bounded, never 0 or
 * infinity: between about 1.2e-38 and 3.4e38. What is not a number stays so.
 */
fn exp4(x: vec4f) -> vec4f {
  let bounded = clamp(x, vec4f(-87.33), vec4f(88.72283));
  let n = round(bounded * 1.4426950408889634);
  // ln 2 in two parts, the first with few bits so that n times it is exact.
  let r = fma(n, vec4f(0.00021219444005471377), fma(n, vec4f(-0.693359375), bounded));
  var p = fma(vec4f(0.001384365506812218), r, vec4f(0.00837415534899088));
  p = fma(p, r, vec4f(0.04166800200961275));
  p = fma(p, r, vec4f(0.1666643126202991));
  p = fma(p, r, vec4f(0.49999994209143434));
  p = fma(p, r, vec4f(1.0000000321652474));
  p = fma(p, r, vec4f(1.0));
  let scaled = bitcast<vec4f>(bitcast<vec4i>(p) + (vec4i(n) << vec4u(23u)));
  // By its bits, since a compiler may take it for granted that there are only numbers.
  let isNumber = (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) <= vec4u(0x7f800000u);
  return select(x, scaled, isNumber);
}

/** e^x. */
fn exp1(x: f32) -> f32 {
  return exp4(vec4f(x)).x;
}

/** 1 / (1 + e^-x) for each element. */
fn sigmoid4(x: vec4f) -> vec4f {
  return 1.0 / (1.0 + exp4(-x));
}

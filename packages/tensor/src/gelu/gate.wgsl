// gelu(x) = ½ x (1 + tanh v) = x σ(2v) with 2v = x (LINEAR + CUBIC x²), LINEAR = 2√(2/π), CUBIC = 0.044715 LINEAR.

const LINEAR = 1.5957691216057308;
const CUBIC = 0.07135481627260025;

/** σ(2v). */
fn gateOf(x: vec4f) -> vec4f {
  return sigmoid4(x * fma(x * x, vec4f(CUBIC), vec4f(LINEAR)));
}

// The terms of dGain[j] = Σ_t dOut[t, j] x[t, j] rstd_t, for column-sums.wgsl.

@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dOut: array<f32>;
@group(0) @binding(3) var<storage, read> rstds: array<f32>;

fn term(row: u32, at: u32) -> f32 {
  return dOut[at] * (x[at] * rstds[row]);
}

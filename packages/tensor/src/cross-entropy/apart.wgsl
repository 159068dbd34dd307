// Where cross-entropy.wgsl reads and writes: the gradient has memory of its own.

@group(0) @binding(2) var<storage, read_write> gradient: array<f32>;
@group(0) @binding(3) var<storage, read> logits: array<f32>;

fn logit(i: u32) -> f32 {
  return logits[i];
}

fn write(i: u32, value: f32) {
  gradient[i] = value;
}

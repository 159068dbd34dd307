// Where cross-entropy.wgsl reads and writes: the gradient takes the place of the logits. Each element is written by the
// thread that reads it last.

@group(0) @binding(2) var<storage, read_write> logits: array<f32>;

fn logit(i: u32) -> f32 {
  return logits[i];
}

fn write(i: u32, value: f32) {
  logits[i] = value;
}

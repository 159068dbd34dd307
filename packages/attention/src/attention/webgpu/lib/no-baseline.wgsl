fn addReciprocals(before: vec4f, weights: mat4x4f, factor: vec4f, lane: u32) -> vec4f {
  return before;
}

fn writeBaselines(total: vec4f, reciprocal: vec4f, lane: u32) {}

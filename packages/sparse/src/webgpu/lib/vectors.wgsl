// Rows whose length is a multiple of four, four values at a time.

alias Value = vec4f;

fn inner(x: Value, y: Value) -> f32 {
  return dot(x, y);
}

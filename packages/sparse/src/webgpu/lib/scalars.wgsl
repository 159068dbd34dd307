// Rows of any length, value by value.

alias Value = f32;

fn inner(x: Value, y: Value) -> f32 {
  return x * y;
}

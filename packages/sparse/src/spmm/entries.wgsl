@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(0) @binding(4) var<storage, read> b: array<Value>;

/** Σ data[p] b_j over the entries [begin, end), in their order, for the values at t of a row. */
fn sumOf(begin: u32, end: u32, t: u32) -> Value {
  var sum = Value(0.0);
  for (var p = begin - u.firstEntry; p < end - u.firstEntry; p++) {
    let column = indices[p] - u.firstColumn;
    if (column < u.columns) { sum = fma(Value(data[p]), b[column * u.width + t], sum); }
  }
  return sum;
}

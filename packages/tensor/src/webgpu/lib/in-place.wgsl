// The same where the output takes the place of the input: nothing that is written may be bound a second time.

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;

fn input(i: u32) -> vec4f {
  return out[i];
}

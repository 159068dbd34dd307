// What a kernel of one input and one output reads and writes, where both have memory of their own.

@group(0) @binding(0) var<storage, read_write> out: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;

fn input(i: u32) -> vec4f {
  return x[i];
}

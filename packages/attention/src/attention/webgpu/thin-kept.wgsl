// kept[0] = what row starts end with.

struct Uniforms { rows: u32 }

@group(0) @binding(0) var<storage, read_write> kept: array<u32>;
@group(0) @binding(1) var<storage, read> starts: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(1)
fn main() {
  kept[0] = starts[u.rows];
}

// Adds to every block of 1024 places what the blocks before it sum to.

const WORKGROUP = 256u;

struct Uniforms { places: u32, firstBlock: u32 }

@group(0) @binding(0) var<storage, read_write> values: array<u32>;
@group(0) @binding(1) var<storage, read> before: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (i < u.places) { values[i] += before[u.firstBlock + i / 1024u]; }
}

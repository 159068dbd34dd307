// out[q] = data[permutation[q]]: a thread a place.

const WORKGROUP = 256u;

struct Uniforms { firstEntry: u32, entries: u32, firstData: u32, datas: u32, end: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<f32>;
@group(0) @binding(1) var<storage, read> ends: array<u32>;
@group(0) @binding(2) var<storage, read> permutation: array<u32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (at >= u.entries || u.firstEntry + at >= ends[u.end]) { return; }
  let source = permutation[at] - u.firstData;
  if (source < u.datas) { out[at] = data[source]; }
}

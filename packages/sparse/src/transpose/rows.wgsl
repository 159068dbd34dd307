// out[q] = the row of the entry that stands at place q of the transposed matrix: a thread a place.

const WORKGROUP = 256u;

struct Uniforms { rows: u32, firstRow: u32, firstEntry: u32, entries: u32, end: u32 }

@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> ends: array<u32>;
@group(0) @binding(2) var<storage, read> indptr: array<u32>;
@group(0) @binding(3) var<storage, read> permutation: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (at >= u.entries || u.firstEntry + at >= ends[u.end]) { return; }
  let p = permutation[at];
  if (p >= indptr[0] && p < indptr[u.rows]) { out[at] = u.firstRow + rowBetween(p, 0u, u.rows); }
}

// Puts entries where they belong in some rows of the dense matrix: a thread an entry.

const WORKGROUP = 256u;

struct Uniforms { rows: u32, columns: u32, firstEntry: u32, entries: u32 }

@group(0) @binding(0) var<storage, read_write> dense: array<f32>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  let p = u.firstEntry + at;
  if (at >= u.entries || p < indptr[0] || p >= indptr[u.rows]) { return; }
  let column = indices[at];
  if (column < u.columns) { dense[rowBetween(p, 0u, u.rows) * u.columns + column] = data[at]; }
}

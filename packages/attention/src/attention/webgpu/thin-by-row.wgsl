// What entries are worth to the second stage: worths = ‖dO_i‖ Ŵ_ij. A team a row. Bound are some entries.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, firstRow: u32, firstEntry: u32, entries: u32,
}

@group(0) @binding(0) var<storage, read_write> worths: array<f32>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<f32>;
@group(0) @binding(3) var<storage, read> dOut: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let team = lane / TEAM;
  let row = linearWorkgroup(workgroup, workgroups) * TEAMS + team;
  let exists = row < u.heads * u.length;
  if (exists) { putSquares(team, lane % TEAM, queryAt(row / u.length, row % u.length)); }
  workgroupBarrier();
  if (!exists) { return; }
  let factor = normOf(team);
  let entries = entriesOf(u.firstRow + row);
  for (var e = entries.first + lane % TEAM; e < entries.end; e += TEAM) { worths[e] = data[e] * factor; }
}

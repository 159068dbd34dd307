// delta[row] = dO · O: a team a row.

struct Uniforms { length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, firstRow: u32 }

@group(0) @binding(0) var<storage, read_write> delta: array<f32>;
@group(0) @binding(1) var<storage, read> out: array<vec4f>;
@group(0) @binding(2) var<storage, read> dOut: array<vec4f>;
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
  var sum = 0.0;
  if (exists) {
    let start = queryAt(row / u.length, row % u.length);
    for (var p = lane % TEAM; p < u.depth; p += TEAM) { sum += dot(dOut[start + p], out[start + p]); }
  }
  terms[termPlace(team, lane % TEAM, 0u)] = sum;
  workgroupBarrier();
  if (exists && lane % TEAM == 0u) { delta[u.firstRow + row] = sumOfTerms(team, 0u); }
}

// squares[key] = ‖K_j‖² of the part's keys, [key heads, length]: a team a key.

struct Uniforms { length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32 }

@group(0) @binding(0) var<storage, read_write> squares: array<f32>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let team = lane / TEAM;
  let key = linearWorkgroup(workgroup, workgroups) * TEAMS + team;
  let exists = key < u.heads / u.queryHeads * u.keyHeads * u.length;
  var sum = 0.0;
  if (exists) {
    let first = keyAt(key / u.length, key % u.length);
    for (var p = lane % TEAM; p < u.depth; p += TEAM) { sum += dot(k[first + p], k[first + p]); }
  }
  terms[termPlace(team, lane % TEAM, 0u)] = sum;
  workgroupBarrier();
  if (exists && lane % TEAM == 0u) { squares[key] = sumOfTerms(team, 0u); }
}

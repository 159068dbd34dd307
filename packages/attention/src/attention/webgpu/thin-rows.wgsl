// What the worths of a row's entries have in common: ‖dO_i‖, D_i = dO_i · O_i and ‖Q_i‖². A team a row of the part.

struct Uniforms { length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32 }

@group(0) @binding(0) var<storage, read_write> rows: array<vec4f>;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> out: array<vec4f>;
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
  if (exists) {
    let query = queryAt(row / u.length, row % u.length);
    putSquares(team, lane % TEAM, query);
    var delta = 0.0;
    var square = 0.0;
    for (var p = lane % TEAM; p < u.depth; p += TEAM) {
      delta += dot(dOut[query + p], out[query + p]);
      square += dot(q[query + p], q[query + p]);
    }
    terms[termPlace(team, lane % TEAM, 3u)] = delta;
    terms[termPlace(team, lane % TEAM, 4u)] = square;
  }
  workgroupBarrier();
  if (exists && lane % TEAM == 0u) {
    rows[row] = vec4f(normOf(team), sumOfTerms(team, 3u), sumOfTerms(team, 4u), 0.0);
  }
}

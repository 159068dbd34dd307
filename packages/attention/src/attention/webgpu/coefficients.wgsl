// What dV multiplies with dO_i: values = Ŵ_ij − β_i/q_ij at the entries. A team a row. Bound are some entries.

struct Uniforms { rows: u32, firstEntry: u32, entries: u32 }

@group(0) @binding(0) var<storage, read_write> values: array<f32>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<f32>;
@group(0) @binding(3) var<storage, read> factors: array<f32>;
@group(0) @binding(4) var<storage, read> beta: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const TEAM = 16u;
const TEAMS = 4u;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups) * TEAMS + lane / TEAM;
  if (row >= u.rows) { return; }
  let entries = entriesOf(row);
  for (var e = entries.first + lane % TEAM; e < entries.end; e += TEAM) { values[e] = data[e] - beta[row] * factors[e]; }
}

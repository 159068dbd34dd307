// dQ_i = Σ_j gradient_ij K_j, an SpMM by rows: a team a row. Bound are some entries, to what others gave it is added.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, firstRow: u32,
  firstEntry: u32, entries: u32,
}

@group(0) @binding(0) var<storage, read_write> dq: array<vec4f>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read> k: array<vec4f>;
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
  if (row >= u.heads * u.length) { return; }
  let head = row / u.length;
  let query = queryAt(head, row % u.length);
  let entries = entriesOf(u.firstRow + row);
  for (var p = lane % TEAM; p < u.depth; p += TEAM) {
    var sum = vec4f(0.0);
    if (u.firstEntry > 0u) { sum = dq[query + p]; }
    for (var e = entries.first; e < entries.end; e++) {
      sum = fma(vec4f(gradient[e]), k[keyAt(keyHeadOf(head), indices[e]) + p], sum);
    }
    dq[query + p] = sum;
  }
}

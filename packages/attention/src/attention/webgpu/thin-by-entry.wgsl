// What entries are worth to the second stage: worths = f·Ŵ with f² = ‖dO_i‖² + scale² (dO_i · V_j − D_i)² (‖K_j‖² + ‖Q_i‖²).
// A team a row, 16 entries at a time, as in sample-scores.wgsl. Bound are some entries.

struct Uniforms {
  length: u32, heads: u32, queryHeads: u32, keyHeads: u32, depth: u32, firstRow: u32,
  firstEntry: u32, entries: u32, scale: f32,
}

@group(0) @binding(0) var<storage, read_write> worths: array<f32>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read> data: array<f32>;
@group(0) @binding(4) var<storage, read> rows: array<vec4f>;
@group(0) @binding(5) var<storage, read> squares: array<f32>;
@group(0) @binding(6) var<storage, read> v: array<vec4f>;
@group(0) @binding(7) var<storage, read> dOut: array<vec4f>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let team = lane / TEAM;
  let thread = lane % TEAM;
  let first = linearWorkgroup(workgroup, workgroups) * TEAMS;
  let most = longest(first);
  if (most == 0u) { return; }
  // Teams without a row take the last one again, and write nothing.
  let row = min(first + team, u.heads * u.length - 1u);
  let exists = row == first + team;
  let head = row / u.length;
  let keyHead = keyHeadOf(head);
  let query = queryAt(head, row % u.length);
  let entries = entriesOf(u.firstRow + row);
  let own = rows[row];
  let relative = select(u.scale / own.x, 0.0, own.x == 0.0);
  for (var start = 0u; start < most; start += TEAM) {
    workgroupBarrier();
    for (var i = 0u; i < TEAM; i++) {
      let e = entries.first + start + i;
      var sum = 0.0;
      if (e < entries.end) {
        let value = keyAt(keyHead, indices[e]);
        for (var p = thread; p < u.depth; p += TEAM) { sum += dot(dOut[query + p], v[value + p]); }
      }
      terms[termPlace(team, thread, i)] = sum;
    }
    workgroupBarrier();
    let e = entries.first + start + thread;
    if (exists && e < entries.end) {
      let slope = (sumOfTerms(team, thread) - own.y) * relative;
      let others = slope * slope * (squares[keyHead * u.length + indices[e]] + own.z);
      worths[e] = data[e] * (sqrt(others + 1.0) * own.x);
    }
  }
}

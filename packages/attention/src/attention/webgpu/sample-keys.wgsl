// dK_j = Σ_i gradient_ij Q_i and dV_j = Σ_i values_ij dO_i, an SpMM by columns, piece by piece.

@group(0) @binding(0) var<storage, read_write> dk: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dv: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> partial: array<vec4f>;
@group(0) @binding(3) var<storage, read> sorted: array<vec4u>;
@group(0) @binding(4) var<storage, read> starts: array<u32>;
@group(0) @binding(5) var<storage, read> q: array<vec4f>;
@group(0) @binding(6) var<storage, read> dOut: array<vec4f>;

/** What a column gets along the vector p. */
struct Column { index: u32, begins: bool, dk: vec4f, dv: vec4f }

fn write(column: Column, ends: bool, piece: u32, p: u32) {
  if (column.begins && ends) {
    let place = columnAt(column.index) + p;
    dk[place] = column.dk;
    dv[place] = column.dv;
  } else {
    let place = partialAt(piece, column.begins) + p;
    partial[place] = column.dk;
    partial[place + u.depth] = column.dv;
  }
}

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let piece = linearWorkgroup(workgroup, workgroups) * TEAMS + lane / TEAM;
  let total = min(starts[u.sortedHeads * u.length], u.capacity);
  let first = piece * PIECE;
  if (first >= total) { return; }
  let end = min(first + PIECE, total);
  for (var p = lane % TEAM; p < u.depth; p += TEAM) {
    let index = sorted[first].y;
    var column = Column(index, starts[index] == first, vec4f(0.0), vec4f(0.0));
    for (var e = first; e < end; e++) {
      let entry = sorted[e];
      if (entry.y != column.index) {
        write(column, true, piece, p);
        column = Column(entry.y, true, vec4f(0.0), vec4f(0.0));
      }
      column.dk = fma(vec4f(bitcast<f32>(entry.w)), q[entry.x + p], column.dk);
      column.dv = fma(vec4f(bitcast<f32>(entry.z)), dOut[entry.x + p], column.dv);
    }
    write(column, starts[column.index + 1u] == end, piece, p);
  }
}

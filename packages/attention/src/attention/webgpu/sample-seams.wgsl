// The columns that no piece holds whole: the sums of their pieces, or zeros where they have no entries. A team a column.

@group(0) @binding(0) var<storage, read_write> dk: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dv: array<vec4f>;
@group(0) @binding(2) var<storage, read> partial: array<vec4f>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = linearWorkgroup(workgroup, workgroups) * TEAMS + lane / TEAM;
  if (column >= u.sortedHeads * u.length) { return; }
  let first = starts[column];
  let end = min(starts[column + 1u], u.capacity);
  let empty = first >= end;
  let firstPiece = first / PIECE;
  let lastPiece = select((end - 1u) / PIECE, 0u, empty);
  if (!empty && firstPiece == lastPiece) { return; }
  for (var p = lane % TEAM; p < u.depth; p += TEAM) {
    var sumK = vec4f(0.0);
    var sumV = vec4f(0.0);
    if (!empty) {
      let start = partialAt(firstPiece, true) + p;
      sumK = partial[start];
      sumV = partial[start + u.depth];
      for (var piece = firstPiece + 1u; piece <= lastPiece; piece++) {
        let place = partialAt(piece, false) + p;
        sumK += partial[place];
        sumV += partial[place + u.depth];
      }
    }
    dk[columnAt(column) + p] = sumK;
    dv[columnAt(column) + p] = sumV;
  }
}

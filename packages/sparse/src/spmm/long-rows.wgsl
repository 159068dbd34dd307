// The long rows from the partial sums of their chunks, in order: a team a row.

@group(0) @binding(2) var<storage, read> partials: array<Value>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = teamOf(workgroup, workgroups, lane);
  if (row >= u.rows || !isLong(row)) { return; }
  let begin = max(indptr[row], u.firstEntry);
  let end = min(indptr[row + 1u], u.firstEntry + u.entries);
  let none = begin >= end;
  let first = select((begin - u.firstEntry) / LONG, 0u, none);
  let stop = select((end - 1u - u.firstEntry) / LONG + 1u, 0u, none);
  for (var t = lane % TEAM; t < u.width; t += TEAM) {
    var sum = Value(0.0);
    for (var chunk = first; chunk < stop; chunk++) {
      // The second sum of a chunk is of a row that starts within it.
      let second = u32(indptr[row] > max(u.firstEntry + chunk * LONG, indptr[0]));
      sum += partials[(2u * chunk + second) * u.width + t];
    }
    writeSum(row * u.width + t, sum);
  }
}

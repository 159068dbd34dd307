// Rows of at most LONG entries: a team of TEAM threads a row, each thread with its own columns of out.

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = teamOf(workgroup, workgroups, lane);
  if (row >= u.rows || isLong(row)) { return; }
  let begin = max(indptr[row], u.firstEntry);
  let end = max(begin, min(indptr[row + 1u], u.firstEntry + u.entries));
  for (var t = lane % TEAM; t < u.width; t += TEAM) { writeSum(row * u.width + t, sumOf(begin, end, t)); }
}

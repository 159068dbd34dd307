// The long rows in chunks of LONG entries, counted from the first entry that is bound: a team a chunk. A chunk meets at
// most two long rows, at its two ends, and writes the sum of each to its own pair of partial sums. (`out` is written by
// the kernel that adds these up; here it stands for them.)

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let chunk = teamOf(workgroup, workgroups, lane);
  let first = u.firstEntry + chunk * LONG;
  let begin = max(first, indptr[0]);
  let end = min(min(first + LONG, u.firstEntry + u.entries), indptr[u.rows]);
  if (begin >= end) { return; }
  let head = rowBetween(begin, 0u, u.rows);
  let tail = rowBetween(end - 1u, head, u.rows);
  let headEnd = min(end, indptr[head + 1u]);
  for (var t = lane % TEAM; t < u.width; t += TEAM) {
    if (isLong(head)) { out[2u * chunk * u.width + t] = sumOf(begin, headEnd, t); }
    if (tail != head && isLong(tail)) { out[(2u * chunk + 1u) * u.width + t] = sumOf(indptr[tail], end, t); }
  }
}

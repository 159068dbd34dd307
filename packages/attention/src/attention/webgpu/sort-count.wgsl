// counts[slice, column] += how many of the bound entries a slice has in a column. Whole numbers, so no order shows.

@group(0) @binding(0) var<storage, read_write> counts: array<atomic<u32>>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let unit = linearWorkgroup(workgroup, workgroups);
  if (unit >= u.sortedHeads * u.slices) { return; }
  let slice = sliceOf(unit);
  if (slice.first == slice.end) { return; }
  let first = entriesOf(rowOf(slice, slice.first)).first;
  let end = entriesOf(rowOf(slice, slice.end - 1u)).end;
  for (var e = first + lane; e < end; e += WORKGROUP) { atomicAdd(&counts[unit * u.length + indices[e]], 1u); }
}

// indptr[j] = how many entries stand in columns below j, by bisection in the sorted columns: a thread a column. Sorted
// columns that come in several pieces are added up.

const WORKGROUP = 256u;

struct Uniforms { first: u32, count: u32, firstEntry: u32, entries: u32, end: u32 }

@group(0) @binding(0) var<storage, read_write> indptr: array<u32>;
@group(0) @binding(1) var<storage, read> ends: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (at >= u.count) { return; }
  var low = 0u;
  var high = max(u.firstEntry, min(u.firstEntry + u.entries, ends[u.end])) - u.firstEntry;
  while (low < high) {
    let middle = low + ((high - low) >> 1u);
    if (columns[middle] < u.first + at) { low = middle + 1u; } else { high = middle; }
  }
  if (u.firstEntry == 0u) { indptr[at] = low; } else { indptr[at] += low; }
}

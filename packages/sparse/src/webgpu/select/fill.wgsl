// Writes the columns and values of what is kept, where the row starts say, as far as it is bound.

@group(0) @binding(1) var<storage, read_write> indices: array<u32>;
@group(0) @binding(2) var<storage, read_write> data: array<f32>;
@group(0) @binding(3) var<storage, read> indptr: array<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups);
  if (row >= u.rows) { return; }
  rowStart = row * u.columns;
  beginRow(u.firstRow + row, lane);
  let strip = stripOf(lane);
  beginStrip();
  var kept = 0u;
  for (var j = strip.begin; j < strip.end; j++) { kept += u32(keeps(j)); }
  var p = indptr[row] + workgroupPrefix(kept, lane).before;
  beginStrip();
  for (var j = strip.begin; j < strip.end; j++) {
    if (!keeps(j)) { continue; }
    let at = p - u.firstEntry;
    if (p < indptr[row + 1u] && at < u.entries) {
      indices[at] = j;
      data[at] = valueOf(j);
    }
    p++;
  }
}

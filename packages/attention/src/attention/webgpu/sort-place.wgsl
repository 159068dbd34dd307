// Puts the bound entries where their columns' are: row by row, for within a row every column stands once. `counts` says how
// many of a column are placed already, by earlier slices and by this one.

/** Of each entry: where its query begins, its column, what dV multiplies with dO_i, and scale · dS. */
@group(0) @binding(0) var<storage, read_write> sorted: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> counts: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read> indptr: array<u32>;
@group(0) @binding(4) var<storage, read> indices: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<f32>;
@group(0) @binding(6) var<storage, read> gradient: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let unit = linearWorkgroup(workgroup, workgroups);
  if (unit >= u.sortedHeads * u.slices) { return; }
  let slice = sliceOf(unit);
  let group = u.queryHeads / u.keyHeads;
  for (var row = slice.first; row < slice.end; row++) {
    let head = (u.firstHead + slice.head) * group + row / u.length;
    let query = queryAt(head, row % u.length);
    let entries = entriesOf(rowOf(slice, row));
    for (var e = entries.first + lane; e < entries.end; e += WORKGROUP) {
      let column = slice.head * u.length + indices[e];
      let count = unit * u.length + indices[e];
      let place = starts[column] + counts[count];
      counts[count] += 1u;
      if (place < u.capacity) { sorted[place] = vec4u(query, column, bitcast<u32>(values[e]), bitcast<u32>(gradient[e])); }
    }
    storageBarrier();
  }
}

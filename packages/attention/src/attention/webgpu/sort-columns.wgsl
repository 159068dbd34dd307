// For every column the counts of its slices become the sums of the counts before, and `totals` what the column has in all: a
// thread a column.

struct Uniforms { length: u32, sortedHeads: u32, slices: u32 }

@group(0) @binding(0) var<storage, read_write> counts: array<u32>;
@group(0) @binding(1) var<storage, read_write> totals: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const WORKGROUP = 64u;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let column = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (column >= u.sortedHeads * u.length) { return; }
  let first = column / u.length * u.slices * u.length + column % u.length;
  var sum = 0u;
  for (var slice = 0u; slice < u.slices; slice++) {
    let count = counts[first + slice * u.length];
    counts[first + slice * u.length] = sum;
    sum += count;
  }
  totals[column] = sum;
}

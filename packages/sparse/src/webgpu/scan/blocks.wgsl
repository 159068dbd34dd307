// Counts to the sums of the counts before, in place, in blocks of 1024 with a sum each. What stands at the last place of all
// does not matter, as there is no place behind it.

const WORKGROUP = 256u;
const SHARE = 4u;

struct Uniforms { places: u32, firstBlock: u32 }

@group(0) @binding(0) var<storage, read_write> values: array<u32>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = linearWorkgroup(workgroup, workgroups);
  let first = (block * WORKGROUP + lane) * SHARE;
  var own: array<u32, SHARE>;
  var sum = 0u;
  for (var i = 0u; i < SHARE; i++) {
    own[i] = sum;
    if (first + i < u.places) { sum += values[first + i]; }
  }
  let prefix = workgroupPrefix(sum, lane);
  for (var i = 0u; i < SHARE; i++) {
    if (first + i < u.places) { values[first + i] = prefix.before + own[i]; }
  }
  if (lane == 0u && block * WORKGROUP * SHARE < u.places) { sums[u.firstBlock + block] = prefix.total; }
}

// A half of a step of Newton's method on Σ min(1, λ·x) = count: of each block of 4096 entries the sum of the worths x with
// λ·x < 1, and how many others there are. A workgroup a block. Bound are some entries.

const WORKGROUP = 256u;
const BLOCK = 4096u;

struct Uniforms { rows: u32, firstEntry: u32, entries: u32, firstBlock: u32 }

@group(0) @binding(0) var<storage, read_write> sums: array<vec2u>;
@group(0) @binding(1) var<storage, read> search: Search;
@group(0) @binding(2) var<storage, read> indptr: array<u32>;
@group(0) @binding(3) var<storage, read> worths: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

var<workgroup> others: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  if (search.phase != SEARCHING) { return; }
  let block = linearWorkgroup(workgroup, workgroups);
  let bound = min(max(indptr[u.rows], u.firstEntry) - u.firstEntry, u.entries);
  let first = block * BLOCK;
  let end = min(first + BLOCK, bound);
  if (lane == 0u) { atomicStore(&others, 0u); }
  var sum = 0.0;
  var count = 0u;
  for (var e = first + lane; e < end; e += WORKGROUP) {
    let worth = worths[e];
    if (worth * search.lambda < 1.0) { sum += worth; } else { count++; }
  }
  let total = workgroupSum(sum, lane);
  if (count > 0u) { atomicAdd(&others, count); }
  workgroupBarrier();
  // The last row of workgroups may have some without a block.
  if (lane == 0u && first < u.entries) { sums[u.firstBlock + block] = vec2u(bitcast<u32>(total), atomicLoad(&others)); }
}

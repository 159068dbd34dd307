// Counts the threads of a workgroup that are not where lib/reduce-subgroups.wgsl expects them in their subgroup.

@group(0) @binding(0) var<storage, read_write> misplaced: atomic<u32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32) {
  let size = subgroupAdd(1u);
  let before = subgroupExclusiveAdd(1u);
  let first = subgroupMin(lane);
  if (before != lane % size || first != lane - before) { atomicAdd(&misplaced, 1u); }
}

// Reductions over a workgroup of WORKGROUP threads, a power of two, in the order of a tree; every thread gets the result.
// To be called by all threads.

var<workgroup> reduced: array<f32, WORKGROUP>;

fn workgroupSum(value: f32, lane: u32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  for (var stride = WORKGROUP / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) { reduced[lane] += reduced[lane + stride]; }
    workgroupBarrier();
  }
  let total = reduced[0];
  workgroupBarrier();
  return total;
}

fn workgroupMax(value: f32, lane: u32) -> f32 {
  reduced[lane] = value;
  workgroupBarrier();
  for (var stride = WORKGROUP / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) { reduced[lane] = max(reduced[lane], reduced[lane + stride]); }
    workgroupBarrier();
  }
  let top = reduced[0];
  workgroupBarrier();
  return top;
}

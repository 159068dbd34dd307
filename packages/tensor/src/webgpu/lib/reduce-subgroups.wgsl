// The same by subgroups of any size: each reduces its own values, every thread then those of all subgroups in order.
// Threads of a subgroup follow each other (probe.ts looks whether they do).

var<workgroup> reduced: array<f32, WORKGROUP>;

fn workgroupSum(value: f32, lane: u32) -> f32 {
  let size = subgroupAdd(1u);
  let sum = subgroupAdd(value);
  if (lane % size == 0u) { reduced[lane / size] = sum; }
  workgroupBarrier();
  var total = 0.0;
  for (var i = 0u; i < WORKGROUP / size; i++) { total += reduced[i]; }
  workgroupBarrier();
  return total;
}

fn workgroupMax(value: f32, lane: u32) -> f32 {
  let size = subgroupAdd(1u);
  let largest = subgroupMax(value);
  if (lane % size == 0u) { reduced[lane / size] = largest; }
  workgroupBarrier();
  var top = reduced[0];
  for (var i = 1u; i < WORKGROUP / size; i++) { top = max(top, reduced[i]); }
  workgroupBarrier();
  return top;
}

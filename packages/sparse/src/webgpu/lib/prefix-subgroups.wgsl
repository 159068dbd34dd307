// The same by subgroups of any size: whole numbers, so the result is the same. Threads of a subgroup follow each other.

var<workgroup> prefixes: array<u32, WORKGROUP>;

struct Prefix {
  /** The sum of the values of the threads before. */
  before: u32,
  /** The sum of the values of all threads. */
  total: u32,
}

fn workgroupPrefix(value: u32, lane: u32) -> Prefix {
  let size = subgroupAdd(1u);
  let within = subgroupExclusiveAdd(value);
  let sum = subgroupAdd(value);
  if (lane % size == 0u) { prefixes[lane / size] = sum; }
  workgroupBarrier();
  var before = within;
  var total = 0u;
  for (var i = 0u; i < WORKGROUP / size; i++) {
    if (i < lane / size) { before += prefixes[i]; }
    total += prefixes[i];
  }
  workgroupBarrier();
  return Prefix(before, total);
}

// Prefix sums over a workgroup of WORKGROUP threads, a power of two. To be called by all threads.

var<workgroup> prefixes: array<u32, WORKGROUP>;

struct Prefix {
  /** The sum of the values of the threads before. */
  before: u32,
  /** The sum of the values of all threads. */
  total: u32,
}

fn workgroupPrefix(value: u32, lane: u32) -> Prefix {
  var sum = value;
  prefixes[lane] = sum;
  workgroupBarrier();
  for (var stride = 1u; stride < WORKGROUP; stride *= 2u) {
    if (lane >= stride) { sum += prefixes[lane - stride]; }
    workgroupBarrier();
    prefixes[lane] = sum;
    workgroupBarrier();
  }
  let total = prefixes[WORKGROUP - 1u];
  workgroupBarrier();
  return Prefix(sum - value, total);
}

// For kernels that bind `indptr`: where each of some rows starts, and where the last of them ends.

/** The row among [low, high) that holds entry p: the last one that starts at or before it. */
fn rowBetween(p: u32, low: u32, high: u32) -> u32 {
  var first = low;
  var last = high;
  while (last - first > 1u) {
    let middle = first + ((last - first) >> 1u);
    if (indptr[middle] <= p) { first = middle; } else { last = middle; }
  }
  return first;
}

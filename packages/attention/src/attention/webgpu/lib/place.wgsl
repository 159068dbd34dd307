// Where things lie: q and out are [batch, length, queryHeads, depth], k and v [batch, length, keyHeads, depth], all as
// vectors of four along the depth; lse is [batch, queryHeads, length].

/** The first vector of row i of query head `head`, which counts the heads of all batches. */
fn queryAt(head: u32, i: u32) -> u32 {
  return ((head / u.queryHeads * u.length + i) * u.queryHeads + head % u.queryHeads) * u.depth;
}

/** The first vector of key j of key head `head`. */
fn keyAt(head: u32, j: u32) -> u32 {
  return ((head / u.keyHeads * u.length + j) * u.keyHeads + head % u.keyHeads) * u.depth;
}

/** The key head that serves a query head. */
fn keyHeadOf(head: u32) -> u32 {
  return head / u.queryHeads * u.keyHeads + head % u.queryHeads / (u.queryHeads / u.keyHeads);
}

// The entries of a row that can be kept.

fn beginRow(row: u32, lane: u32) {}

fn beginStrip() {}

fn keeps(j: u32) -> bool {
  return isPositive(bitsAt(j));
}

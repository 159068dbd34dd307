// What is not 0: NaN is not, −0 is.

fn isAllowed(bits: u32) -> bool {
  return true;
}

fn beginRow(row: u32, lane: u32) {}

fn beginStrip() {}

fn keeps(j: u32) -> bool {
  return (bitsAt(j) & 0x7fffffffu) != 0u;
}

fn valueOf(j: u32) -> f32 {
  return bitcast<f32>(bitsAt(j));
}

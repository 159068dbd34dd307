// Keeps (i, j) where its own draw is below its probability.

var<private> rowKey: vec2u;

fn beginRow(row: u32, lane: u32) {
  rowKey = keyOf(row);
}

fn beginStrip() {}

fn keeps(j: u32) -> bool {
  return rotationBits(rowKey, j) >> 8u < probabilityAt(j);
}

fn valueOf(j: u32) -> f32 {
  return estimateAt(j);
}

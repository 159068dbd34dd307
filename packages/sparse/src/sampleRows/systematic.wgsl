// Keeps the entries at which the running sum of the probabilities passes a whole number. The sums are whole multiples of
// 2^-24 and may wrap around, since 2^24 divides 2^32: no rounding, whatever is added first.

var<private> stripPhase: u32;
var<private> phase: u32;

fn beginRow(row: u32, lane: u32) {
  let strip = stripOf(lane);
  var sum = 0u;
  for (var j = strip.begin; j < strip.end; j++) { sum += probabilityAt(j); }
  let start = independentBits(keyOf(row), 0u) >> 8u;
  stripPhase = start + workgroupPrefix(sum, lane).before;
}

fn beginStrip() {
  phase = stripPhase;
}

fn keeps(j: u32) -> bool {
  let before = phase;
  phase += probabilityAt(j);
  return phase >> 24u != before >> 24u;
}

fn valueOf(j: u32) -> f32 {
  return estimateAt(j);
}

// The systematic design: the running sum of q = min(1, c·W), in whole multiples of 2^-24, starts at a random place, and an
// entry is kept where it passes a whole number. A row keeps Σ q entries, rounded up or down.

const ROUNDS = 1u;

var<private> phase: u32;

fn needed(slot: u32) -> bool {
  return true;
}

fn startRound(round: u32) {
  count = 0u;
  phase = independentBits(own.key, 0u) >> 8u;
}

fn keeps(key: u32, weight: f32) -> bool {
  phase += u32(ceil(keepBelow(u.budget, weight)));
  let passed = phase >= u32(ONE);
  if (passed) { phase -= u32(ONE); }
  return passed;
}

fn finishRow() {}

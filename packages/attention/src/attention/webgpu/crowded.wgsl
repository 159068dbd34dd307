// Rows whose bernoulli sample did not fit their slot, while it was drawn or in the end. A first round counts what the rule
// keeps; where that does fit, the second one keeps the same. Where it does not, the second one takes one entry in so many that
// they fit, from a random one on, with a weight so many times as large: given any sample, the mean of what is left of it is
// that sample, so the estimate stays unbiased.

const ROUNDS = 2u;

/** Entries that the rule has kept in this round. */
var<private> kept: u32;
/** One in so many is taken, those whose number leaves this remainder. */
var<private> thin: u32;
var<private> remainder: u32;

fn needed(slot: u32) -> bool {
  return slots[slot + COUNT] == CROWDED;
}

fn startRound(round: u32) {
  count = 0u;
  if (round == 0u) {
    thin = 1u;
    remainder = 0u;
  } else {
    thin = max(1u, (kept + u.capacity - 1u) / u.capacity);
    // A stream of its own, which no entry draws from.
    remainder = independentBits(fold(own.key, 0u), 0u) % thin;
  }
  kept = 0u;
}

fn keeps(key: u32, weight: f32) -> bool {
  if (f32(rotationBits(own.key, key) >> 8u) >= keepBelow(u.budget, weight)) { return false; }
  kept++;
  return (kept - 1u) % thin == remainder;
}

fn finishRow() {
  slots[own.slot + THIN] = thin;
}

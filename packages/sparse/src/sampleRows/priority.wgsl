// Keeps the `most` largest priorities w / u. The one after them is the threshold, found digit by digit of their bits, which
// are ordered as the numbers are; of those equal to it the first ones are kept, as many as are short of `most`.

var<private> rowKey: vec2u;
/** The bits of the threshold; 0 where there is room for all. */
var<private> threshold: u32;
/** How many of those equal to the threshold the strip keeps, and of them still. */
var<private> stripTies: u32;
var<private> ties: u32;

var<workgroup> histogram: array<atomic<u32>, 256>;
/** The digit that was chosen, and how many are left to skip among those with it. */
var<workgroup> chosen: vec2u;

/** The bits of the priority of a positive weight, at least 1 however small it is, else 0. */
fn priorityBits(j: u32) -> u32 {
  if (!isPositive(bitsAt(j))) { return 0u; }
  return max(1u, bitcast<u32>(weightAt(j) / toUniform(independentBits(rowKey, j))));
}

/** How many entries of the strip have one of 256 digits, for those that share the digits before. */
fn countDigits(strip: Strip, shift: u32, prefix: u32) {
  for (var j = strip.begin; j < strip.end; j++) {
    let bits = priorityBits(j);
    // Shifting in two steps: by 32 at once is not allowed.
    if ((bits >> shift) >> 8u == prefix) { atomicAdd(&histogram[(bits >> shift) & 255u], 1u); }
  }
}

/** The bits of the priority that `skipped` others are above of, and how many of those are equal to it. */
fn selectBits(strip: Strip, lane: u32, skipped: u32) -> vec2u {
  var prefix = 0u;
  var left = skipped;
  for (var step = 0u; step < 4u; step++) {
    let shift = 24u - 8u * step;
    for (var digit = lane; digit < 256u; digit += WORKGROUP) { atomicStore(&histogram[digit], 0u); }
    workgroupBarrier();
    countDigits(strip, shift, prefix);
    workgroupBarrier();
    // A thread a digit, from the largest down.
    let digit = 255u - lane;
    let count = atomicLoad(&histogram[digit]);
    let before = workgroupPrefix(count, lane).before;
    if (before <= left && left - before < count) { chosen = vec2u(digit, left - before); }
    let found = workgroupUniformLoad(&chosen);
    prefix = (prefix << 8u) | found.x;
    left = found.y;
  }
  return vec2u(prefix, left);
}

fn beginRow(row: u32, lane: u32) {
  rowKey = keyOf(row);
  threshold = 0u;
  stripTies = 0u;
  if (u.most >= u.columns) { return; }
  let strip = stripOf(lane);
  let selected = selectBits(strip, lane, u.most);
  threshold = selected.x;
  var equal = 0u;
  for (var j = strip.begin; j < strip.end; j++) { equal += u32(priorityBits(j) == threshold); }
  let before = workgroupPrefix(equal, lane).before;
  stripTies = max(selected.y, before) - before;
}

fn beginStrip() {
  ties = stripTies;
}

fn keeps(j: u32) -> bool {
  let bits = priorityBits(j);
  if (bits == 0u || bits < threshold) { return false; }
  if (bits > threshold) { return true; }
  if (ties == 0u) { return false; }
  ties -= 1u;
  return true;
}

fn valueOf(j: u32) -> f32 {
  return max(weightAt(j), bitcast<f32>(threshold));
}

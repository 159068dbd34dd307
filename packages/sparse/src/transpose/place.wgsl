// Puts the entries of a block where they belong: behind those with a lower digit, those of earlier blocks and, by the bits
// in which every thread says which digit it has, those of earlier threads. A thread an entry and round.

/** 1 where entries are numbered by where they stand, as they are at first. */
override NUMBER: u32 = 0;

@group(0) @binding(0) var<storage, read_write> outColumns: array<u32>;
@group(0) @binding(1) var<storage, read_write> outEntries: array<u32>;
@group(0) @binding(2) var<storage, read> ends: array<u32>;
@group(0) @binding(3) var<storage, read> columns: array<u32>;
@group(0) @binding(4) var<storage, read> entries: array<u32>;
@group(0) @binding(5) var<storage, read> starts: array<u32>;

const WORDS = WORKGROUP / 32u;

/** Where the next entry with each digit goes. */
var<workgroup> next: array<u32, 256>;
/** Which threads hold each digit in this round, a bit each. */
var<workgroup> holders: array<atomic<u32>, 256u * WORDS>;

fn clearHolders(digit: u32) {
  for (var word = 0u; word < WORDS; word++) { atomicStore(&holders[digit * WORDS + word], 0u); }
}

/** How many threads before `lane` hold the digit. */
fn holdersBefore(digit: u32, lane: u32) -> u32 {
  var count = 0u;
  for (var word = 0u; word < lane / 32u; word++) { count += countOneBits(atomicLoad(&holders[digit * WORDS + word])); }
  // Behind the last thread there is no word.
  if (lane % 32u == 0u) { return count; }
  let lower = (1u << (lane % 32u)) - 1u;
  return count + countOneBits(atomicLoad(&holders[digit * WORDS + lane / 32u]) & lower);
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let block = linearWorkgroup(workgroup, workgroups);
  let first = block * ROUNDS * WORKGROUP;
  if (first >= u.entries || u.firstEntry + first >= ends[u.end]) { return; }
  let hasDigit = lane < 1u << BITS;
  if (hasDigit) { next[lane] = starts[lane * u.blocks + u.firstBlock + block]; }
  clearHolders(lane);
  workgroupBarrier();
  for (var round = 0u; round < ROUNDS; round++) {
    let at = first + round * WORKGROUP + lane;
    let holds = at < u.entries && u.firstEntry + at < ends[u.end];
    var digit = 0u;
    if (holds) {
      digit = digitOf(columns[at]);
      atomicOr(&holders[digit * WORDS + lane / 32u], 1u << (lane % 32u));
    }
    workgroupBarrier();
    if (holds) {
      let place = next[digit] + holdersBefore(digit, lane) - u.firstOut;
      if (place < u.outs) {
        outColumns[place] = columns[at];
        outEntries[place] = select(entries[at], u.firstEntry + at, NUMBER != 0u);
      }
    }
    workgroupBarrier();
    if (hasDigit) { next[lane] += holdersBefore(lane, WORKGROUP); }
    clearHolders(lane);
    workgroupBarrier();
  }
}

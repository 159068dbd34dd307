// A radix sort of the entries by column, some bits at a time, in blocks of entries: how the kernels number them. Entries
// that are equal in these bits keep their order.

/** How many bits are sorted by at a time, at most 8. */
override BITS: u32 = 8;

const WORKGROUP = 256u;
/** Rounds of WORKGROUP entries that make a block. */
const ROUNDS = 8u;

struct Uniforms { firstEntry: u32, entries: u32, firstBlock: u32, blocks: u32, shift: u32, end: u32, firstOut: u32, outs: u32 }

@group(1) @binding(0) var<uniform> u: Uniforms;

fn digitOf(column: u32) -> u32 {
  return (column >> u.shift) & ((1u << BITS) - 1u);
}

// Sums along the columns of Ŵ. The sorted entries are cut into pieces of equal length, whatever columns they belong to, so
// that a column which every row keeps is shared out like any other. A team a piece adds up column by column; what a column has
// in a piece that does not hold all of it goes to `partial`, and the pieces of such columns are added up in order.

struct Uniforms { length: u32, keyHeads: u32, queryHeads: u32, depth: u32, firstHead: u32, sortedHeads: u32, capacity: u32 }

@group(1) @binding(0) var<uniform> u: Uniforms;

const TEAM = 16u;
const TEAMS = 4u;
const PIECE = 64u;

/** Where in `partial` a piece's sums of a column begin, dK then dV: of the column that begins before the piece, or in it. */
fn partialAt(piece: u32, begins: bool) -> u32 {
  return (piece * 2u + u32(begins)) * 2u * u.depth;
}

/** The first vector of a column in dK and dV. */
fn columnAt(column: u32) -> u32 {
  return keyAt(u.firstHead + column / u.length, column % u.length);
}

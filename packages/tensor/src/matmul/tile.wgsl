// A tile of SIZE × SIZE of the product a workgroup: 16 × 16 threads with blocks of 4 × 4 in registers, whose operands come
// through workgroup memory DEPTH at a time. The part after it says how many blocks a thread has in each direction, UNITS.

const SIDE = 16u;
const VECTORS = SIDE * UNITS;
const SIZE = 4u * VECTORS;
/** DEPTH × VECTORS vectors of each operand, one a thread. */
const DEPTH = SIDE * SIDE / VECTORS;
/** One more than needed, so that threads that write a column of the tile meet different banks. */
const PITCH = VECTORS + 1u;

var<workgroup> tileA: array<vec4f, DEPTH * PITCH>;
var<workgroup> tileB: array<vec4f, DEPTH * PITCH>;

/** The tile's first row and column, and its part of [0, k). */
struct Tile { row: u32, column: u32, begin: u32, end: u32 }

fn tileAt(place: vec3u) -> Tile {
  let begin = place.z * u.depth;
  return Tile(place.y * SIZE, place.x * SIZE, begin, min(begin + u.depth, u.k));
}

/** Depth and vector that a thread loads: neighbours along the axis that is contiguous in memory. */
fn placeOf(lane: u32, alongDepth: bool) -> vec2u {
  if (alongDepth) { return vec2u(lane % DEPTH, lane / DEPTH); }
  return vec2u(lane / VECTORS, lane % VECTORS);
}

/** What a thread brings of each operand. */
struct Load { a: vec4f, b: vec4f }

/** Reads the operands of the DEPTH terms from `start` on into registers, while those before are still being summed. */
fn load(tile: Tile, start: u32, lane: u32) -> Load {
  let placeA = placeOf(lane, !TRANSPOSE_A);
  let placeB = placeOf(lane, TRANSPOSE_B);
  var result = Load();
  if (start + placeA.x < tile.end) { result.a = loadA(tile.row + 4u * placeA.y, start + placeA.x); }
  if (start + placeB.x < tile.end) { result.b = loadB(start + placeB.x, tile.column + 4u * placeB.y); }
  return result;
}

/** Puts them into workgroup memory; to be called by all threads. */
fn share(loaded: Load, lane: u32) {
  let placeA = placeOf(lane, !TRANSPOSE_A);
  let placeB = placeOf(lane, TRANSPOSE_B);
  workgroupBarrier();
  tileA[placeA.x * PITCH + placeA.y] = loaded.a;
  tileB[placeB.x * PITCH + placeB.y] = loaded.b;
  workgroupBarrier();
}

fn storeBlock(split: u32, row: u32, column: u32, block: mat4x4f) {
  store(split, row, column, block[0]);
  store(split, row + 1u, column, block[1]);
  store(split, row + 2u, column, block[2]);
  store(split, row + 3u, column, block[3]);
}

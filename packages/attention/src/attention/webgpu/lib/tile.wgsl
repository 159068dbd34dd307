// A tile of scores, 64 rows by 32 keys, by 128 threads: thread (y, x) = (lane / 8, lane % 8) has the rows 4y … 4y + 3 and
// the keys x, x + 8, x + 16, x + 24, as a matrix whose columns are the keys. Operands come through workgroup memory, 16
// numbers of every row at a time; while those are multiplied the next ones are on their way.
//
// A kernel defines `loadRow(which, row, p)` and `loadKey(which, key, p)`: vector p of a row or key of the tile, zeros where
// there is none.

const THREADS = 128u;
const ROWS = 64u;
const KEYS = 32u;

/** Vectors of each row that are in workgroup memory at a time. */
const SLICE = 4u;

var<workgroup> rowSlice: array<vec4f, ROWS * SLICE>;
var<workgroup> keySlice: array<vec4f, KEYS * SLICE>;

/** Held weights of the tile, in vectors over four neighbouring rows or over the four keys of a thread. */
var<workgroup> held: array<vec4f, ROWS * KEYS / 4u>;

/** Where a vector of a key lies, so that eight threads which read eight keys meet all banks. */
fn keyPlace(key: u32, p: u32) -> u32 {
  return key * SLICE + (p ^ ((key >> 1u) & 3u));
}

/** Where the weights of four neighbouring rows with one key are held. */
fn heldPlace(key: u32, rows: u32) -> u32 {
  return key * (ROWS / 4u) + (rows ^ (key & 7u));
}

/** Holds the thread's part of the tile, in vectors over its rows. */
fn holdByRows(weights: mat4x4f, lane: u32) {
  let y = lane / 8u;
  let x = lane % 8u;
  held[heldPlace(x, y)] = weights[0];
  held[heldPlace(x + 8u, y)] = weights[1];
  held[heldPlace(x + 16u, y)] = weights[2];
  held[heldPlace(x + 24u, y)] = weights[3];
}

/** A block, by rows, with the products of its operands added. */
fn multiplyAdd(block: mat4x4f, left: vec4f, right: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(left.x), right, block[0]),
    fma(vec4f(left.y), right, block[1]),
    fma(vec4f(left.z), right, block[2]),
    fma(vec4f(left.w), right, block[3]),
  );
}

/** Four terms of the inner products of one key with four rows, in order; `rows` is transposed. */
fn addTerms(sums: vec4f, key: vec4f, rows: mat4x4f) -> vec4f {
  var s = fma(vec4f(key.x), rows[0], sums);
  s = fma(vec4f(key.y), rows[1], s);
  s = fma(vec4f(key.z), rows[2], s);
  return fma(vec4f(key.w), rows[3], s);
}

/** The inner products of the thread's rows with its keys. To be called by all threads. */
fn products(which: u32, lane: u32) -> mat4x4f {
  let y = lane / 8u;
  let x = lane % 8u;
  let near = lane / SLICE;
  var p = lane % SLICE;
  var upper = loadRow(which, near, p);
  var lower = loadRow(which, near + ROWS / 2u, p);
  var key = loadKey(which, near, p);
  var block = mat4x4f();
  for (var first = 0u; first < u.depth; first += SLICE) {
    workgroupBarrier();
    rowSlice[lane] = upper;
    rowSlice[lane + THREADS] = lower;
    keySlice[keyPlace(near, lane % SLICE)] = key;
    workgroupBarrier();
    p += SLICE;
    if (first + SLICE < u.depth) {
      upper = loadRow(which, near, p);
      lower = loadRow(which, near + ROWS / 2u, p);
      key = loadKey(which, near, p);
    }
    for (var s = 0u; s < SLICE; s++) {
      let at = 4u * y * SLICE + s;
      let rows = transpose(
        mat4x4f(rowSlice[at], rowSlice[at + SLICE], rowSlice[at + 2u * SLICE], rowSlice[at + 3u * SLICE]),
      );
      block[0] = addTerms(block[0], keySlice[keyPlace(x, s)], rows);
      block[1] = addTerms(block[1], keySlice[keyPlace(x + 8u, s)], rows);
      block[2] = addTerms(block[2], keySlice[keyPlace(x + 16u, s)], rows);
      block[3] = addTerms(block[3], keySlice[keyPlace(x + 24u, s)], rows);
    }
  }
  return block;
}

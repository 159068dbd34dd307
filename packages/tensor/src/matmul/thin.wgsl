// A product with few rows, or with SWAPPED few columns: four of them and 256 of the others a workgroup, a block of 4 × 4 a
// thread, the terms dealt out to four groups of threads whose sums meet in workgroup memory. The large operand is read once.

override SWAPPED: bool = false;

const VECTORS = 64u;
const SLICES = 4u;

var<workgroup> slices: array<mat4x4f, VECTORS * SLICES>;

@compute @workgroup_size(VECTORS * SLICES)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) lane: u32) {
  let few = 4u * place.y;
  let many = 4u * (place.x * VECTORS + lane % VECTORS);
  let begin = place.z * u.depth;
  let end = min(begin + u.depth, u.k);
  var block = mat4x4f();
  for (var p = begin + lane / VECTORS; p < end; p += SLICES) {
    var left: vec4f;
    var right: vec4f;
    if (SWAPPED) {
      left = loadB(p, few);
      right = loadA(many, p);
    } else {
      left = loadA(few, p);
      right = loadB(p, many);
    }
    block = multiplyAdd(block, left, right);
  }
  slices[lane] = block;
  workgroupBarrier();
  // One of the few for each group of threads.
  let mine = lane / VECTORS;
  let at = lane % VECTORS;
  var sum = slices[at][mine];
  for (var slice = 1u; slice < SLICES; slice++) { sum += slices[slice * VECTORS + at][mine]; }
  if (!SWAPPED) {
    store(place.z, few + mine, many, sum);
  } else if (few + mine < u.n) {
    for (var c = 0u; c < 4u; c++) { storeOne(place.z, many + c, few + mine, sum[c]); }
  }
}

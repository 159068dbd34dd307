const UNITS = 1u;

@compute @workgroup_size(SIDE * SIDE)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tileAt(place);
  let y = lane / SIDE;
  let x = lane % SIDE;
  var block = mat4x4f();
  var next = load(tile, tile.begin, lane);
  for (var start = tile.begin; start < tile.end; start += DEPTH) {
    share(next, lane);
    next = load(tile, start + DEPTH, lane);
    for (var p = 0u; p < DEPTH; p++) { block = multiplyAdd(block, tileA[p * PITCH + y], tileB[p * PITCH + x]); }
  }
  storeBlock(place.z, tile.row + 4u * y, tile.column + 4u * x, block);
}

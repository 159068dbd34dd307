const UNITS = 2u;

@compute @workgroup_size(SIDE * SIDE)
fn main(@builtin(workgroup_id) place: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tileAt(place);
  let y = lane / SIDE;
  let x = lane % SIDE;
  var topLeft = mat4x4f();
  var topRight = mat4x4f();
  var lowLeft = mat4x4f();
  var lowRight = mat4x4f();
  var next = load(tile, tile.begin, lane);
  for (var start = tile.begin; start < tile.end; start += DEPTH) {
    share(next, lane);
    next = load(tile, start + DEPTH, lane);
    for (var p = 0u; p < DEPTH; p++) {
      let top = tileA[p * PITCH + y];
      let low = tileA[p * PITCH + SIDE + y];
      let left = tileB[p * PITCH + x];
      let right = tileB[p * PITCH + SIDE + x];
      topLeft = multiplyAdd(topLeft, top, left);
      topRight = multiplyAdd(topRight, top, right);
      lowLeft = multiplyAdd(lowLeft, low, left);
      lowRight = multiplyAdd(lowRight, low, right);
    }
  }
  let row = tile.row + 4u * y;
  let column = tile.column + 4u * x;
  storeBlock(place.z, row, column, topLeft);
  storeBlock(place.z, row, column + 4u * SIDE, topRight);
  storeBlock(place.z, row + 4u * SIDE, column, lowLeft);
  storeBlock(place.z, row + 4u * SIDE, column + 4u * SIDE, lowRight);
}

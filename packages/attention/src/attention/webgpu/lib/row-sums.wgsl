// Sums over the keys of a tile for each of its rows: sums += held[64, 32] · values[32, 64]. Thread (y, x) has the rows
// 4y … 4y + 3, like those of its scores, and of 16 vectors along the depth x and x + 8.
//
// A kernel defines `loadValue(key, p)`: vector p of a key of the tile, zeros where there is none.

struct Sums { near: mat4x4f, far: mat4x4f }

/** Adds the products of the held weights with 16 vectors of the values from `first` on. To be called by all threads. */
fn addWeighted(sums: Sums, first: u32, lane: u32) -> Sums {
  let y = lane / 8u;
  let x = lane % 8u;
  var s = sums;
  for (var key = 0u; key < KEYS; key += 16u) {
    let upper = loadValue(key + lane / 16u, first + lane % 16u);
    let lower = loadValue(key + lane / 16u + 8u, first + lane % 16u);
    workgroupBarrier();
    rowSlice[lane] = upper;
    rowSlice[lane + THREADS] = lower;
    workgroupBarrier();
    for (var k = 0u; k < 16u; k++) {
      let weights = held[heldPlace(key + k, y)];
      s.near = multiplyAdd(s.near, weights, rowSlice[k * 16u + x]);
      s.far = multiplyAdd(s.far, weights, rowSlice[k * 16u + x + 8u]);
    }
  }
  return s;
}

fn scaleRows(sums: Sums, factors: vec4f) -> Sums {
  return Sums(
    mat4x4f(sums.near[0] * factors.x, sums.near[1] * factors.y, sums.near[2] * factors.z, sums.near[3] * factors.w),
    mat4x4f(sums.far[0] * factors.x, sums.far[1] * factors.y, sums.far[2] * factors.z, sums.far[3] * factors.w),
  );
}

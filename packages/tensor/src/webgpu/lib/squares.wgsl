// Sums of squares that neither overflow nor vanish: small, middling and large numbers are summed apart, the small and the
// large ones scaled by a power of two. Source: Blue, "A portable Fortran program to find the Euclidean norm of a vector"
// (ACM TOMS 1978).

/** x² in one of the three places: of small numbers times 2^192, of middling ones, of large ones times 2^-160. */
fn squareOf(x: f32) -> vec3f {
  let size = abs(x);
  if (size > 0x1p48f) {
    let scaled = size * 0x1p-80f;
    return vec3f(0.0, 0.0, scaled * scaled);
  }
  if (size < 0x1p-48f) {
    let scaled = size * 0x1p96f;
    return vec3f(scaled * scaled, 0.0, 0.0);
  }
  return vec3f(0.0, size * size, 0.0);
}

/** The root of such a sum. */
fn rootOf(sum: vec3f) -> f32 {
  if (sum.z > 0.0) { return sqrt(fma(sum.y * 0x1p-80f, 0x1p-80f, sum.z)) * 0x1p80f; }
  if (sum.y < 0x1p-70f) { return sqrt(fma(sum.y * 0x1p96f, 0x1p96f, sum.x)) * 0x1p-96f; }
  return sqrt(fma(sum.x * 0x1p-96f, 0x1p-96f, sum.y));
}

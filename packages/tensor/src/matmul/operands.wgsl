// What the products have in common. out[i, j] = Σ_p a(i, p) b(p, j) for i < m, j < n, and p in the split of [0, k) that is
// the third coordinate of a workgroup. Matrices are bound from some row on; `aSkip`, `bSkip` and `outSkip` are elements
// before the first one within a row, the strides whole rows. How memory is seen, number by number or in vectors of four, say
// the parts read-….wgsl and write-….wgsl.

override TRANSPOSE_A: bool = false;
override TRANSPOSE_B: bool = false;

struct Uniforms {
  m: u32, n: u32, k: u32, depth: u32,
  aStride: u32, bStride: u32, outStride: u32,
  aSkip: u32, bSkip: u32, outSkip: u32,
  splitSize: u32, accumulate: u32,
}

@group(1) @binding(0) var<uniform> u: Uniforms;

/** a(i … i + 3, p), zero beyond m. */
fn loadA(i: u32, p: u32) -> vec4f {
  let step = select(u.aStride, 1u, TRANSPOSE_A);
  let at = u.aSkip + select(i * u.aStride + p, p * u.aStride + i, TRANSPOSE_A);
  if (i + 3u < u.m) {
    if (TRANSPOSE_A) { return vectorOfA(at); }
    return vec4f(elementOfA(at), elementOfA(at + step), elementOfA(at + 2u * step), elementOfA(at + 3u * step));
  }
  var v = vec4f(0.0);
  if (i < u.m) { v.x = elementOfA(at); }
  if (i + 1u < u.m) { v.y = elementOfA(at + step); }
  if (i + 2u < u.m) { v.z = elementOfA(at + 2u * step); }
  return v;
}

/** b(p, j … j + 3), zero beyond n. */
fn loadB(p: u32, j: u32) -> vec4f {
  let step = select(1u, u.bStride, TRANSPOSE_B);
  let at = u.bSkip + select(p * u.bStride + j, j * u.bStride + p, TRANSPOSE_B);
  if (j + 3u < u.n) {
    if (!TRANSPOSE_B) { return vectorOfB(at); }
    return vec4f(elementOfB(at), elementOfB(at + step), elementOfB(at + 2u * step), elementOfB(at + 3u * step));
  }
  var v = vec4f(0.0);
  if (j < u.n) { v.x = elementOfB(at); }
  if (j + 1u < u.n) { v.y = elementOfB(at + step); }
  if (j + 2u < u.n) { v.z = elementOfB(at + 2u * step); }
  return v;
}

/** Where out(i, j) of a split is. */
fn placeInOut(split: u32, i: u32, j: u32) -> u32 {
  return split * u.splitSize + i * u.outStride + u.outSkip + j;
}

/** A block, by rows, with the products of its operands added. (Matrices stay in registers, where arrays might not.) */
fn multiplyAdd(block: mat4x4f, left: vec4f, right: vec4f) -> mat4x4f {
  return mat4x4f(
    fma(vec4f(left.x), right, block[0]),
    fma(vec4f(left.y), right, block[1]),
    fma(vec4f(left.z), right, block[2]),
    fma(vec4f(left.w), right, block[3]),
  );
}

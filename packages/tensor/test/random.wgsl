// All functions of lib/random.wgsl on quadruples of words, for the comparison with @sus/graph.

@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@group(0) @binding(1) var<storage, read> words: array<vec4u>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) thread: vec3u) {
  let i = thread.x;
  if (i >= arrayLength(&words)) { return; }
  let word = words[i];
  let hash = threefry(word.xy, word.zw);
  let child = fold(word.xy, word.z);
  let bits = independentBits(word.xy, word.z);
  out[7u * i] = hash.x;
  out[7u * i + 1u] = hash.y;
  out[7u * i + 2u] = child.x;
  out[7u * i + 3u] = child.y;
  out[7u * i + 4u] = bits;
  out[7u * i + 5u] = rotationBits(word.xy, word.z);
  out[7u * i + 6u] = bitcast<u32>(toUniform(bits));
}

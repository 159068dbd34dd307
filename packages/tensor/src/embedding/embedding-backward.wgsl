// dTable[v, j] += Σ over the t with tokens[t] = v of dOut[t, j], in the order of t. A workgroup a position: the one where
// a token occurs first looks for all others up to where it occurs last, and sums.

const WORKGROUP = 256u;
const WORDS = WORKGROUP / 32u;

struct Uniforms { count: u32, width: u32, first: u32, held: u32 }

@group(0) @binding(0) var<storage, read_write> dTable: array<f32>;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> dOut: array<f32>;
@group(0) @binding(3) var<storage, read> marks: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

/** A bit for each position of a block that has the token. */
var<workgroup> found: array<atomic<u32>, WORDS>;

fn sumBlock(start: u32, column: u32) -> f32 {
  var sum = 0.0;
  for (var word = 0u; word < WORDS; word++) {
    var bits = atomicLoad(&found[word]);
    while (bits != 0u) {
      let t = start + 32u * word + firstTrailingBit(bits);
      sum += dOut[t * u.width + column];
      bits &= bits - 1u;
    }
  }
  return sum;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let at = linearWorkgroup(workgroup, workgroups);
  if (at >= u.count) { return; }
  let token = tokens[at];
  // Unsigned: a row before the first one comes out beyond all.
  let row = token - u.first;
  if (row >= u.held || marks[2u * token] != u.count - at) { return; }
  let end = marks[2u * token + 1u];
  for (var start = at; start < end; start += WORKGROUP) {
    if (lane < WORDS) { atomicStore(&found[lane], 0u); }
    workgroupBarrier();
    let t = start + lane;
    if (t < end && tokens[t] == token) { atomicOr(&found[lane / 32u], 1u << (lane % 32u)); }
    workgroupBarrier();
    for (var column = lane; column < u.width; column += WORKGROUP) {
      dTable[row * u.width + column] += sumBlock(start, column);
    }
    workgroupBarrier();
  }
}

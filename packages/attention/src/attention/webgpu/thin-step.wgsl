// The other half: λ of the sums, by one workgroup. From 0, which a concave function makes rise to the solution; to 10⁻³.

const WORKGROUP = 256u;

/** Entries wanted: a whole number and a fraction. */
struct Uniforms { rows: u32, blocks: u32, whole: u32, fraction: f32, most: f32 }

@group(0) @binding(0) var<storage, read_write> search: Search;
@group(0) @binding(1) var<storage, read> sums: array<vec2u>;
@group(0) @binding(2) var<storage, read> indptr: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

var<workgroup> others: atomic<u32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) { atomicStore(&others, 0u); }
  var sum = 0.0;
  var count = 0u;
  for (var block = lane; block < u.blocks; block += WORKGROUP) {
    sum += bitcast<f32>(sums[block].x);
    count += sums[block].y;
  }
  let below = workgroupSum(sum, lane);
  atomicAdd(&others, count);
  workgroupBarrier();
  if (lane != 0u || search.phase != SEARCHING) { return; }
  if (indptr[u.rows] <= u.whole) {
    search.phase = KEEP_ALL;
    return;
  }
  search.phase = FOUND;
  if (!(below > 0.0)) { return; }
  let left = f32(i32(u.whole) - i32(atomicLoad(&others))) + u.fraction;
  let next = min(u.most, left / below);
  if (!(next > search.lambda)) { return; }
  if (next >= 1.001 * search.lambda) { search.phase = SEARCHING; }
  search.lambda = next;
}

// Notes the first index that is out of range. One workgroup looks through all of them.

struct Uniforms { count: u32, first: u32, limit: u32, ascending: u32, record: u32 }

@group(0) @binding(0) var<storage, read> indices: array<u32>;
@group(0) @binding(1) var<storage, read_write> faults: array<vec4u>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const NONE = 0xffffffffu;
const BEYOND = 1u;
const NOT_ASCENDING = 2u;
const WORKGROUP = 256u;

var<workgroup> lowest: atomic<u32>;

fn kindOf(i: u32) -> u32 {
  if (indices[i] >= u.limit) { return BEYOND; }
  if (u.ascending != 0u && i > 0u && indices[i] <= indices[i - 1u]) { return NOT_ASCENDING; }
  return 0u;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) lane: u32) {
  if (lane == 0u) { atomicStore(&lowest, NONE); }
  workgroupBarrier();
  for (var i = lane; i < u.count; i += WORKGROUP) {
    if (kindOf(i) != 0u) {
      atomicMin(&lowest, i);
      break;
    }
  }
  workgroupBarrier();
  let at = atomicLoad(&lowest);
  if (lane == 0u && at != NONE && faults[2u * u.record].x == 0u) {
    let kind = kindOf(at);
    faults[2u * u.record] = vec4u(kind, u.first + at, indices[at], u.limit);
    if (kind == NOT_ASCENDING) { faults[2u * u.record + 1u].x = indices[at - 1u]; }
  }
}

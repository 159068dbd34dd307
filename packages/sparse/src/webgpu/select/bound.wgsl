// Row starts that are beyond the capacity become it, and the last one of them is noted before: a thread a start.

const WORKGROUP = 256u;

struct Uniforms { starts: u32, last: u32, capacity: u32, record: u32 }

@group(0) @binding(0) var<storage, read_write> indptr: array<u32>;
@group(0) @binding(1) var<storage, read_write> faults: array<vec4u>;
@group(1) @binding(0) var<uniform> u: Uniforms;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
  if (i >= u.starts || indptr[i] <= u.capacity) { return; }
  if (i == u.last && faults[2u * u.record].x == 0u) {
    faults[2u * u.record] = vec4u(1u, indptr[i], u.capacity, 0u);
  }
  indptr[i] = u.capacity;
}

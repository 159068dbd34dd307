// For kernels that treat elements one by one: four a thread, as many threads as the written binding has vectors. What is
// written beyond a tensor's last element is its own: a binding ends at a multiple of 16 bytes.

const WORKGROUP = 256u;

fn vectorOf(workgroup: vec3u, workgroups: vec3u, lane: u32) -> u32 {
  return linearWorkgroup(workgroup, workgroups) * WORKGROUP + lane;
}

// A count of workgroups above 65,535 is folded into two dimensions, so that the last ones of a row may have no work.

fn linearWorkgroup(workgroup: vec3u, workgroups: vec3u) -> u32 {
  return workgroup.y * workgroups.x + workgroup.x;
}

// The sums that all kernels of spmm are made of. Bound are some rows of the matrix and of out, some entries and some rows
// of b: a product that takes several such pieces adds them up in out, in a fixed order.

override TEAM: u32 = 16;

const WORKGROUP = 64u;
/** Entries of a row that one team sums in one go. */
const LONG = 128u;

struct Uniforms {
  rows: u32, firstEntry: u32, entries: u32, firstColumn: u32, columns: u32, width: u32, accumulate: u32, scale: f32,
}

@group(0) @binding(0) var<storage, read_write> out: array<Value>;
@group(0) @binding(1) var<storage, read> indptr: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

/** Whether a row is cut into chunks. */
fn isLong(row: u32) -> bool {
  return indptr[row + 1u] - indptr[row] > LONG;
}

/** Which team of the whole dispatch a thread belongs to. */
fn teamOf(workgroup: vec3u, workgroups: vec3u, lane: u32) -> u32 {
  return linearWorkgroup(workgroup, workgroups) * (WORKGROUP / TEAM) + lane / TEAM;
}

fn writeSum(at: u32, sum: Value) {
  let scaled = u.scale * sum;
  if (u.accumulate != 0u) { out[at] += scaled; } else { out[at] = scaled; }
}

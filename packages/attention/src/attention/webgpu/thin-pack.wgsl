// Moves numbers of the kept entries to their rows' places, times their factors where asked for. A team a row. Bound are some
// entries of the first stage and some places of the second.

struct Uniforms { rows: u32, firstEntry: u32, entries: u32, firstPlace: u32, places: u32 }

@group(0) @binding(0) var<storage, read_write> to: array<u32>;
@group(0) @binding(1) var<storage, read> numbers: array<u32>;
@group(0) @binding(2) var<storage, read> factors: array<f32>;
@group(0) @binding(3) var<storage, read> ordinals: array<u32>;
@group(0) @binding(4) var<storage, read> indptr: array<u32>;
@group(0) @binding(5) var<storage, read> starts: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

/** Whether the numbers are float32, to be multiplied; else they are columns. */
override ESTIMATES: bool = false;

const TEAM = 16u;
const TEAMS = 4u;

@compute @workgroup_size(TEAM * TEAMS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups) * TEAMS + lane / TEAM;
  if (row >= u.rows) { return; }
  let entries = entriesOf(row);
  for (var e = entries.first + lane % TEAM; e < entries.end; e += TEAM) {
    let factor = factors[e];
    let place = starts[row] + ordinals[e] - u.firstPlace;
    if (factor == 0.0 || place >= u.places) { continue; }
    to[place] = numbers[e];
    if (ESTIMATES) { to[place] = bitcast<u32>(bitcast<f32>(numbers[e]) * factor); }
  }
}

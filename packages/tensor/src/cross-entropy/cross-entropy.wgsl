// losses[t] = ln Σ_v e^{logits[t, v]} − logits[t, targets[t]] and, for each row,
// gradient = (softmax(logits) − onehot(target)) scale. The part before says where logits are read and gradients written.
// One pass over a row finds its largest logit and the sum of exponentials, a second one writes.

struct Uniforms { rows: u32, vocabulary: u32, scale: f32 }

@group(0) @binding(0) var<storage, read_write> losses: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(1) @binding(0) var<uniform> u: Uniforms;

const LOWEST = -0x1.fffffep+127f;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let row = linearWorkgroup(workgroup, workgroups);
  if (row >= u.rows) { return; }
  let start = row * u.vocabulary;
  let label = min(targets[row], u.vocabulary - 1u);
  let chosen = logit(start + label);
  // Each thread has a largest logit of its own, to which its sum is relative.
  var top = LOWEST;
  var sum = 0.0;
  for (var v = lane; v < u.vocabulary; v += WORKGROUP) {
    let x = logit(start + v);
    if (x > top) {
      sum = fma(sum, exp1(top - x), 1.0);
      top = x;
    } else {
      sum += exp1(x - top);
    }
  }
  let largest = workgroupMax(top, lane);
  let total = workgroupSum(sum * exp1(top - largest), lane);
  if (lane == 0u) { losses[row] = log1(total) + (largest - chosen); }
  let factor = u.scale / total;
  for (var v = lane; v < u.vocabulary; v += WORKGROUP) {
    let hot = select(0.0, u.scale, v == label);
    write(start + v, fma(exp1(logit(start + v) - largest), factor, -hot));
  }
}

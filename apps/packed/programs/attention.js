import { attentionBackward, attentionForward } from "@sus/attention";
import { independent, key } from "@sus/graph";
import { openDevice } from "@sus/tensor";

/** The sampled gradient of one head points where the exact one does. */
export async function run() {
  using device = await openDevice("wasm");
  const shape = [1, 256, 1, 32];
  const [q, k, v, dOut] = [1, 2, 3, 4].map((seed) => {
    const random = independent(key(seed));
    return device.tensor(
      Float32Array.from({ length: 8192 }, () => 2 * random.uniform() - 1),
      shape,
    );
  });
  const forward = attentionForward(q, k, v, {
    scale: 1,
    sample: { design: "bernoulli", c: 30, key: key(5) },
  });
  const exact = await attentionBackward(forward, "all", dOut).dv.read();
  const sampled = await attentionBackward(forward, forward.sample, dOut).dv.read();
  const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const cosine = dot(exact, sampled) / Math.sqrt(dot(exact, exact) * dot(sampled, sampled));
  return { cheap: forward.sample.nnz < 256 * 30, alike: cosine > 0.8 };
}

import { nn, numpy as np } from "@jax-js/jax";
import type { ResolvedConfig } from "@sus/attention";
import { normEpsilon } from "../../../training/model.ts";

export type Parameters = Record<string, np.Array>;

/** What a loss is computed from besides the parameters. */
export type Batch = {
  /** [n, vocabulary], a one in each row: the gradient of a gather does not compile. */
  readonly tokens: np.Array;
  readonly targets: np.Array;
  /** [n, 1, headWidth / 2]. */
  readonly cosines: np.Array;
  readonly sines: np.Array;
};

/** The mean cross-entropy of the default model. It consumes its arguments, as is the library's custom. */
export function lossOf(config: ResolvedConfig, parameters: Parameters, batch: Batch): np.Array {
  const { layers, heads, headWidth, width, context: n } = config;
  const parameter = (name: string): np.Array => parameters[name]!;
  const norm = (x: np.Array, name: string) => {
    const meanSquare = np.square(x.ref).mean(-1, { keepdims: true });
    return x.div(np.sqrt(meanSquare.add(normEpsilon))).mul(parameter(`${name}.gain`));
  };
  const rotate = (x: np.Array) => {
    const [low, high] = [
      x.ref.slice([], [], [0, headWidth / 2]),
      x.slice([], [], [headWidth / 2, headWidth]),
    ];
    const { cosines: c, sines: s } = batch;
    const turnedLow = low.ref.mul(c.ref).sub(high.ref.mul(s.ref));
    return np.concatenate([turnedLow, low.mul(s.ref).add(high.mul(c.ref))], -1);
  };
  const embedding = parameter("embedding");
  let x = np.matmul(batch.tokens, embedding.ref);
  for (let layer = 0; layer < layers; layer++) {
    const at = `layers.${layer}`;
    const normed = norm(x.ref, `${at}.attention.norm`);
    const project = (name: string) =>
      np.matmul(normed.ref, parameter(`${at}.attention.${name}`)).reshape([n, heads, headWidth]);
    const [q, k, v] = [rotate(project("query")), rotate(project("key")), project("value")];
    normed.dispose();
    const mixed = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([n, width]);
    x = x.add(np.matmul(mixed, parameter(`${at}.attention.output`)));
    const up = np
      .matmul(norm(x.ref, `${at}.mlp.norm`), parameter(`${at}.mlp.up`))
      .add(parameter(`${at}.mlp.bias`));
    x = x.add(np.matmul(nn.gelu(up), parameter(`${at}.mlp.down`)));
  }
  const logits = np.matmul(norm(x, "norm"), embedding.transpose());
  batch.cosines.dispose();
  batch.sines.dispose();
  return nn.logSoftmax(logits).mul(batch.targets).sum().div(-n);
}

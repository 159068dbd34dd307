import type { ResolvedConfig } from "./config.ts";

/** How a parameter starts: constant, or normal with this standard deviation. */
export type Initial = { readonly value: number } | { readonly deviation: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
}

const embeddingDeviation = 0.02;

/**
 * Every parameter of the model in the order of the forward pass. Matrices are [in, out], normal with deviation
 * 1/√in; those that write into the residual stream are smaller by √(2·layers), so that its variance at the start does
 * not grow with depth (Radford et al., 2019). The embedding is tied: it reads tokens in and scores them out.
 */
export function parameterSpecs(config: ResolvedConfig): readonly ParameterSpec[] {
  const { vocabulary, context, layers, heads, keyValueHeads, headWidth, width, hidden } = config;
  const specs: ParameterSpec[] = [];
  const matrix = (name: string, rows: number, columns: number, factor = 1) =>
    specs.push({ name, shape: [rows, columns], initial: { deviation: factor / Math.sqrt(rows) } });
  const norm = (name: string) => {
    specs.push({ name: `${name}.gain`, shape: [width], initial: { value: 1 } });
    if (config.norm === "layer") specs.push({ name: `${name}.bias`, shape: [width], initial: { value: 0 } });
  };
  const bias = (name: string, length: number) => specs.push({ name, shape: [length], initial: { value: 0 } });

  specs.push({ name: "embedding", shape: [vocabulary, width], initial: { deviation: embeddingDeviation } });
  if (config.positions === "learned") {
    specs.push({ name: "positions", shape: [context, width], initial: { deviation: embeddingDeviation } });
  }
  const intoResidual = 1 / Math.sqrt(2 * layers);
  for (let layer = 0; layer < layers; layer++) {
    const at = `layers.${layer}`;
    norm(`${at}.attention.norm`);
    matrix(`${at}.attention.query`, width, heads * headWidth);
    matrix(`${at}.attention.key`, width, keyValueHeads * headWidth);
    matrix(`${at}.attention.value`, width, keyValueHeads * headWidth);
    matrix(`${at}.attention.output`, heads * headWidth, width, intoResidual);
    norm(`${at}.mlp.norm`);
    if (config.activation === "swiglu") matrix(`${at}.mlp.gate`, width, hidden);
    matrix(`${at}.mlp.up`, width, hidden);
    if (config.activation === "gelu") bias(`${at}.mlp.bias`, hidden);
    matrix(`${at}.mlp.down`, hidden, width, intoResidual);
  }
  norm("norm");
  return specs;
}

export * from "./attention/index.ts";
export { topK } from "./top-k/index.ts";
export type { ResolvedConfig, TransformerConfig } from "./transformer/config.ts";
export { resolveConfig } from "./transformer/config.ts";
export {
  type Estimator,
  type Kept,
  type LayerBudget,
  type Loss,
  type LossOptions,
  Transformer,
  transformer,
} from "./transformer/index.ts";
export { type ParameterSpec, parameterSpecs } from "./transformer/parameters.ts";

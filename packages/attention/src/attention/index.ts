export { attentionBackward } from "./backward.ts";
export type { HeadBudgets } from "./budgets.ts";
export { attentionForward } from "./forward.ts";
export { type AttentionEstimator, type AttentionNodeOptions, attention } from "./node.ts";
export type {
  AttentionForward,
  AttentionGradients,
  AttentionOptions,
  AttentionResiduals,
  Baseline,
  SampleOptions,
  Thinning,
  TwoStageOptions,
} from "./problem.ts";

export { type CheckOptions, checkPullback, finiteDifferences } from "./check-pullback.ts";
export { expectation, type Outcome, outcomes } from "./outcomes.ts";
export { type Measured, naturalVariance, relativeVariance, type ZScores, zScores } from "./statistics.ts";

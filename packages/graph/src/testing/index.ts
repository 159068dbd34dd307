export { expectation, type Outcome, outcomes } from "./outcomes.ts";

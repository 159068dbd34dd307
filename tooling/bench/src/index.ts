export { type InterleaveOptions, interleave } from "./interleave.ts";
export { type Machine, machine } from "./machine.ts";
export type { Row, Suite, SuiteOptions } from "./suite.ts";

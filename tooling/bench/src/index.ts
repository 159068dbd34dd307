export { arithmeticCeiling, type Ceiling, copyCeiling, type KernelDevice } from "./ceiling.ts";
export { type InterleaveOptions, interleave, median } from "./interleave.ts";
export { type Machine, machine } from "./machine.ts";
export type { Row, Suite, SuiteOptions } from "./suite.ts";
export { threadCounts } from "./threads.ts";

export { csr } from "./csr/build.ts";
export { Csr, type CsrTensors } from "./csr/csr.ts";
export type { CsrArrays, Shape } from "./csr/format.ts";
export { SparseError } from "./errors.ts";

/** A matrix's contents break a rule: a malformed CSR pattern, or a weight that cannot be sampled. */
export class SparseError extends Error {
  override readonly name = "SparseError";
}

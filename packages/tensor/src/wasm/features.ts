// The smallest modules that use one instruction each; an engine that lacks it rejects the module.
const simdProbe = "AGFzbQEAAAABBAFgAAADAgEABQMBAAAHBQEBZgAAChkBFwBBAEEA/QAEAEEQ/QAEAP2uAf0LBAAL";
const relaxedProbe = "AGFzbQEAAAABBAFgAAADAgEABQMBAAAHBQEBZgAACh8BHQBBAEEA/QAEAEEQ/QAEAEEg/QAEAP2FAv0LBAAL";

function accepts(base64: string): boolean {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return WebAssembly.validate(bytes);
}

/** Whether the engine has 128-bit WebAssembly SIMD. */
export function hasSimd(): boolean {
  return accepts(simdProbe);
}

/** Whether the engine has relaxed SIMD, of which the kernels use the fused multiply-add. */
export function hasRelaxedSimd(): boolean {
  return accepts(relaxedProbe);
}

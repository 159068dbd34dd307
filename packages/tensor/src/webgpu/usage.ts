/** Bits of `GPUBuffer` usage, by the specification: Node has no global that holds them. */
export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyTarget: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;

/** `GPUMapMode.READ`. */
export const mapRead = 0x1;
/** `GPUShaderStage.COMPUTE`. */
export const computeStage = 0x4;

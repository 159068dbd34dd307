export { type AdamwOptions, type AdamwState, adamw } from "./adamw/index.ts";
export { type AddOptions, add } from "./add/index.ts";
export { allOrNothing } from "./all-or-nothing.ts";
export { addBias, sumRows } from "./bias/index.ts";
export {
  commonDevice,
  expectFloats,
  expectNumber,
  expectRows,
  expectShape,
  expectType,
  type Length,
  onDevice,
  type Rows,
} from "./checks.ts";
export { clipByGlobalNorm } from "./clip/index.ts";
export {
  type CrossEntropyOptions,
  type CrossEntropyResult,
  softmaxCrossEntropy,
} from "./cross-entropy/index.ts";
export type { Device, MemoryUse, Scope } from "./device/device.ts";
export { type DeviceKind, type DeviceOptions, openDevice } from "./device/open.ts";
export { embedding, embeddingBackward } from "./embedding/index.ts";
export { DeviceError, ShapeError } from "./errors.ts";
export { gelu, geluBackward } from "./gelu/index.ts";
export {
  type LayerNormGradients,
  type LayerNormResult,
  type LayerNormStatistics,
  layerNorm,
  layerNormBackward,
} from "./layer-norm/index.ts";
export { type MatmulOptions, matmul } from "./matmul/index.ts";
export { randomNormal, randomUniform } from "./random/index.ts";
export { type RmsNormGradients, type RmsNormResult, rmsNorm, rmsNormBackward } from "./rms-norm/index.ts";
export { type RotaryOptions, rotary } from "./rotary/index.ts";
export { gatherRows, rowNorms, scatterRows } from "./rows/index.ts";
export { type ScaleOptions, scale } from "./scale/index.ts";
export { type SwigluGradients, swiglu, swigluBackward } from "./swiglu/index.ts";
export { type DType, type Storage, sizeOf, Tensor, type TypedArray } from "./tensor.ts";
export { type KernelBinary, type RunOptions, WasmDevice, type WasmOptions } from "./wasm/device.ts";
export { type Chunk, rowsOf, type TensorRange } from "./webgpu/chunks.ts";
export { type Binding, type KernelCall, WebGpuDevice } from "./webgpu/device.ts";
export { checkIndices } from "./webgpu/indices.ts";
export { type Kernel, kernel, type Variants } from "./webgpu/kernel.ts";
export type { WebGpuOptions } from "./webgpu/options.ts";
export { wgsl } from "./webgpu/wgsl.ts";

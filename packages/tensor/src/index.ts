export { type AddOptions, add } from "./add/index.ts";
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
export type { Device, MemoryUse, Scope } from "./device/device.ts";
export { type DeviceOptions, openDevice } from "./device/open.ts";
export { DeviceError, ShapeError } from "./errors.ts";
export { type MatmulOptions, matmul } from "./matmul/index.ts";
export { type ScaleOptions, scale } from "./scale/index.ts";
export { type DType, type Storage, sizeOf, Tensor, type TypedArray } from "./tensor.ts";
export { type KernelBinary, type RunOptions, WasmDevice, type WasmOptions } from "./wasm/device.ts";

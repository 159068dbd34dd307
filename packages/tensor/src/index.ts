export { add } from "./add/index.ts";
export { commonDevice, expectShape, expectType, type Length, onDevice } from "./checks.ts";
export type { Device, MemoryUse, Scope } from "./device/device.ts";
export { type DeviceOptions, openDevice } from "./device/open.ts";
export { DeviceError, ShapeError } from "./errors.ts";
export { type MatmulOptions, matmul } from "./matmul/index.ts";
export { type DType, type Storage, sizeOf, Tensor, type TypedArray } from "./tensor.ts";
export { type KernelBinary, type RunOptions, WasmDevice, type WasmOptions } from "./wasm/device.ts";

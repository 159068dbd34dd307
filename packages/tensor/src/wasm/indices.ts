import { expectType } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "./device.ts";

/** Throws `ShapeError` unless every element is an unsigned integer below `limit`: a kernel would read elsewhere. */
export function checkIndices(
  device: WasmDevice,
  operation: string,
  name: string,
  indices: Tensor,
  limit: number,
): void {
  expectType(operation, name, indices, "u32");
  const wrong = device.view(indices).findIndex((index) => index >= limit);
  if (wrong >= 0) {
    const value = device.view(indices)[wrong];
    throw new ShapeError(`${operation}: expected ${name} below ${limit}, got ${value} at position ${wrong}`);
  }
}

/** An argument's shape, length or type does not fit. Nothing was computed or changed. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** A device cannot do what was asked: out of memory, lost, disposed, or not available here. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";
}

import type { DType, Storage, TypedArray } from "../tensor.ts";

/** The device, as far as one block of its memory needs it. */
interface Owner {
  viewAt(dtype: DType, pointer: number, length: number): TypedArray;
  free(pointer: number): void;
}

/** A block of a WebAssembly memory, freed by its last owner. */
export class WasmStorage implements Storage {
  readonly owner: Owner;
  readonly pointer: number;
  readonly bytes: number;
  #shares = 1;

  constructor(owner: Owner, pointer: number, bytes: number) {
    this.owner = owner;
    this.pointer = pointer;
    this.bytes = bytes;
  }

  async read(dtype: DType, length: number): Promise<TypedArray> {
    return this.owner.viewAt(dtype, this.pointer, length).slice();
  }

  retain(): void {
    this.#shares++;
  }

  release(): void {
    if (--this.#shares === 0) this.owner.free(this.pointer);
  }
}

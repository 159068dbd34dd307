import type { DType, Storage, TypedArray } from "../tensor.ts";
import type { Block } from "./pool.ts";

/** The device, as far as one block of its memory needs it. */
interface Owner {
  readBlock(block: Block, dtype: DType, length: number): Promise<TypedArray>;
  giveBlock(block: Block): void;
}

/** A buffer on a GPU, given back by its last owner. */
export class WebGpuStorage implements Storage {
  readonly owner: Owner;
  readonly block: Block;
  readonly bytes: number;
  #shares = 1;

  constructor(owner: Owner, block: Block, bytes: number) {
    this.owner = owner;
    this.block = block;
    this.bytes = bytes;
  }

  read(dtype: DType, length: number): Promise<TypedArray> {
    return this.owner.readBlock(this.block, dtype, length);
  }

  retain(): void {
    this.#shares++;
  }

  release(): void {
    if (--this.#shares === 0) this.owner.giveBlock(this.block);
  }
}

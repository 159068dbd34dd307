import { DeviceError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { UniformField } from "./kernel.ts";

/** Bytes of one call's uniforms, which is also how they have to be aligned. */
export const slotBytes = 256;

/** The uniforms of a batch of calls, a slot each, written to the GPU at once when the batch is submitted. */
export class UniformPage {
  readonly slots: number;
  readonly #words: DataView<ArrayBuffer>;
  #taken = 0;

  constructor(slots: number) {
    this.slots = slots;
    this.#words = new DataView(new ArrayBuffer(slots * slotBytes));
  }

  get full(): boolean {
    return this.#taken === this.slots;
  }

  /** What is taken, to be written to the GPU. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#words.buffer, 0, this.#taken * slotBytes);
  }

  clear(): void {
    this.#taken = 0;
  }

  /** Writes the values of a call into the next slot and returns its offset in bytes. Those on the GPU are left out. */
  put(
    label: string,
    fields: readonly UniformField[],
    values: Readonly<Record<string, number | Tensor>>,
  ): number {
    if (fields.length * 4 > slotBytes) {
      throw new DeviceError(`${label}: expected at most ${slotBytes / 4} uniforms, got ${fields.length}`);
    }
    const offset = this.#taken * slotBytes;
    for (const [i, { name, type }] of fields.entries()) {
      const value = values[name];
      if (value === undefined) throw new DeviceError(`${label}: expected a uniform ${name}, got none`);
      if (typeof value !== "number") continue;
      const at = offset + 4 * i;
      if (type === "f32") this.#words.setFloat32(at, value, true);
      else if (type === "u32") this.#words.setUint32(at, value, true);
      else this.#words.setInt32(at, value, true);
    }
    this.#taken++;
    return offset;
  }
}

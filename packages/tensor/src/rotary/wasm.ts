import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { withBlock } from "../wasm/block.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import type { RotaryOptions } from "./index.ts";

/** Positions that one coarse angle covers; the kernel shifts by 6 and masks with 63. */
const finePositions = 64;

export function rotaryWasm(
  device: WasmDevice,
  x: Tensor,
  { base, inverse, offset }: Required<RotaryOptions>,
): Tensor {
  const [batch, n, heads, d] = x.shape as [number, number, number, number];
  const frequencies = Float64Array.from({ length: d / 2 }, (_, i) => base ** ((-2 * i) / d));
  const fine = turns(frequencies, finePositions, (row) => row);
  const coarse = turns(frequencies, Math.ceil(n / finePositions), (row) => offset + finePositions * row);
  return withOutput(device, x.shape, (out) => {
    withBlock(device, fine.byteLength + coarse.byteLength, (fineAt) => {
      const coarseAt = fineAt + fine.byteLength;
      place(device, fineAt, fine);
      place(device, coarseAt, coarse);
      const pointers = [device.pointer(x), device.pointer(out), coarseAt, fineAt];
      device.run(kernels, "rotary", n, [...pointers, inverse ? -1 : 1, batch, n, heads, d], {
        scratchBytes: 4 * d,
        grain: rowGrain(batch * heads * d),
      });
    });
  });
}

/** Cosine and sine of `position(row) · frequency`, row by row. */
function turns(
  frequencies: Float64Array,
  rows: number,
  position: (row: number) => number,
): Float64Array<ArrayBuffer> {
  const table = new Float64Array(2 * rows * frequencies.length);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (const frequency of frequencies) {
      table[at++] = Math.cos(position(row) * frequency);
      table[at++] = Math.sin(position(row) * frequency);
    }
  }
  return table;
}

function place(device: WasmDevice, address: number, table: Float64Array<ArrayBuffer>): void {
  const words = new Uint32Array(table.buffer);
  device.viewAt("u32", address, words.length).set(words);
}

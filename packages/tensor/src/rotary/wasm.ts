import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { withBlock } from "../wasm/block.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { rowGrain } from "../wasm/elementwise.ts";
import { kernels } from "../wasm/kernels.ts";
import type { RotaryOptions } from "./index.ts";
import { finePositions, turnsOf } from "./turns.ts";

export function rotaryWasm(
  device: WasmDevice,
  x: Tensor,
  { base, inverse, offset }: Required<RotaryOptions>,
): Tensor {
  const [batch, n, heads, d] = x.shape as [number, number, number, number];
  const fine = turnsOf({ base, d }, finePositions, (row) => row);
  const coarse = turnsOf({ base, d }, Math.ceil(n / finePositions), (row) => offset + finePositions * row);
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

function place(device: WasmDevice, address: number, table: Float64Array<ArrayBuffer>): void {
  const words = new Uint32Array(table.buffer);
  device.viewAt("u32", address, words.length).set(words);
}

import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import { rowsOf } from "../webgpu/chunks.ts";
import type { WebGpuDevice } from "../webgpu/device.ts";
import { kernel } from "../webgpu/kernel.ts";
import { wgsl } from "../webgpu/wgsl.ts";
import type { RotaryOptions } from "./index.ts";
import rotaryText from "./rotary.wgsl?text";
import { finePositions, turnsOf } from "./turns.ts";

const rotaryKernel = kernel("rotary", wgsl.index, rotaryText);
const workgroup = 256;

export function rotaryWebGpu(
  device: WebGpuDevice,
  x: Tensor,
  { base, inverse, offset }: Required<RotaryOptions>,
): Tensor {
  const [batch, n, heads, d] = x.shape as [number, number, number, number];
  return withOutput(device, x.shape, (out) => {
    if (x.size === 0) return;
    const table = (rows: number, start: number, step: number) =>
      device.constant(`rotary ${base} ${d} ${rows} ${start} ${step}`, () =>
        Float32Array.from(turnsOf({ base, d }, rows, (row) => start + step * row)),
      );
    const fine = table(finePositions, 0, 1);
    const coarse = table(Math.ceil(n / finePositions), offset, finePositions);
    for (const chunk of device.chunks("rotary", batch * n * heads, [d, d])) {
      const { first, count: rows } = chunk;
      device.run(rotaryKernel, {
        bindings: [rowsOf(out, chunk, d), rowsOf(x, chunk, d), coarse, fine],
        uniforms: { rows, first, n, heads, half: d / 2, direction: inverse ? -1 : 1 },
        workgroups: Math.ceil((rows * d) / 2 / workgroup),
      });
    }
  });
}

import { withOutput } from "../device/outputs.ts";
import type { Tensor } from "../tensor.ts";
import type { WasmDevice } from "../wasm/device.ts";
import { columnGrain, rowGrain } from "../wasm/elementwise.ts";
import { checkIndices } from "../wasm/indices.ts";
import { kernels } from "../wasm/kernels.ts";

export function embeddingWasm(device: WasmDevice, table: Tensor, tokens: Tensor): Tensor {
  const [vocabulary, width] = table.shape as [number, number];
  checkIndices(device, "embedding", "tokens", tokens, vocabulary);
  return withOutput(device, [...tokens.shape, width], (out) => {
    const pointers = [table, tokens, out].map((tensor) => device.pointer(tensor));
    device.run(kernels, "embedding", tokens.size, [...pointers, width], { grain: rowGrain(width) });
  });
}

export function embeddingBackwardWasm(
  device: WasmDevice,
  tokens: Tensor,
  dOut: Tensor,
  vocabulary: number,
): Tensor {
  checkIndices(device, "embeddingBackward", "tokens", tokens, vocabulary);
  const width = dOut.shape.at(-1)!;
  return withOutput(device, [vocabulary, width], (dTable) => {
    const pointers = [tokens, dOut, dTable].map((tensor) => device.pointer(tensor));
    device.run(kernels, "embeddingBackward", width, [...pointers, tokens.size, vocabulary, width], {
      grain: columnGrain(width, device.threads),
    });
  });
}

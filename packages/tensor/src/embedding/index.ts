import { commonDevice, expectFloats, expectNumber, expectShape, expectType, onDevice } from "../checks.ts";
import type { Tensor } from "../tensor.ts";
import { embeddingBackwardWasm, embeddingWasm } from "./wasm.ts";
import { embeddingBackwardWebGpu, embeddingWebGpu } from "./webgpu.ts";

/**
 * Rows of a table: `out[t] = table[tokens[t]]`.
 *
 * Tokens are checked before anything is computed. On WebGPU, whose memory the host can't look into, a kernel checks them
 * and the next `read` or `settle` throws; a token beyond the table counts as its last one until then.
 *
 * @param table [vocabulary, width].
 * @param tokens u32, any shape, below `vocabulary`.
 * @returns a new tensor [...tokens.shape, width], the caller's to dispose.
 * @throws ShapeError where the shapes do not fit or a token is out of range, DeviceError where the devices differ.
 */
export function embedding(table: Tensor, tokens: Tensor): Tensor {
  expectFloats("embedding", { table });
  expectShape("embedding", "table", table, ["vocabulary", "width"]);
  expectType("embedding", "tokens", tokens, "u32");
  return onDevice(commonDevice("embedding", table, tokens), {
    wasm: (device) => embeddingWasm(device, table, tokens),
    webgpu: (device) => embeddingWebGpu(device, table, tokens),
  });
}

/**
 * The pullback of `embedding`: `dTable[v] = Σ over the t with tokens[t] = v of dOut[t]`, summed in the order of t.
 *
 * @param tokens u32, any shape, below `vocabulary`.
 * @param dOut [...tokens.shape, width].
 * @param vocabulary the number of rows of the table.
 * @returns a new tensor [vocabulary, width], the caller's to dispose.
 * @throws ShapeError where the shapes do not fit or a token is out of range, DeviceError where the devices differ.
 */
export function embeddingBackward(tokens: Tensor, dOut: Tensor, vocabulary: number): Tensor {
  expectFloats("embeddingBackward", { dOut });
  expectType("embeddingBackward", "tokens", tokens, "u32");
  expectShape("embeddingBackward", "dOut", dOut, [...tokens.shape, "width"]);
  expectNumber("embeddingBackward", "vocabulary", vocabulary, { atLeast: 0 });
  return onDevice(commonDevice("embeddingBackward", tokens, dOut), {
    wasm: (device) => embeddingBackwardWasm(device, tokens, dOut, vocabulary),
    webgpu: (device) => embeddingBackwardWebGpu(device, tokens, dOut, vocabulary),
  });
}

import type { WebGpuDevice } from "@sus/tensor";
import type { Work } from "./measure.ts";

/** How large the tensors are. */
export interface Sizes {
  /** Rows of the activations of a transformer. */
  readonly tokens: number;
  /** Of the residual stream, a multiple of 16; the hidden width is four times as large. */
  readonly width: number;
  readonly vocabulary: number;
  /** Tokens of a sequence that attends to itself. */
  readonly sequence: number;
}

/** An operation, and how to set it up in the innermost scope. */
export interface Case {
  readonly operation: string;
  readonly prepare: (device: WebGpuDevice, sizes: Sizes) => Work;
}

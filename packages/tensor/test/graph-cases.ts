import type { Node } from "@sus/graph";
import { addReference } from "../src/add/reference.ts";
import { addBiasReference } from "../src/bias/reference.ts";
import { softmaxCrossEntropyReference } from "../src/cross-entropy/reference.ts";
import { embeddingReference } from "../src/embedding/reference.ts";
import { geluReference } from "../src/gelu/reference.ts";
import * as ops from "../src/graph/index.ts";
import type { Device, Tensor } from "../src/index.ts";
import { layerNormReference } from "../src/layer-norm/reference.ts";
import { matmulReference } from "../src/matmul/reference.ts";
import { rmsNormReference } from "../src/rms-norm/reference.ts";
import { rotaryReference } from "../src/rotary/reference.ts";
import { scaleReference } from "../src/scale/reference.ts";
import { swigluReference } from "../src/swiglu/reference.ts";

type Numbers = ArrayLike<number>;

/** An operation on nodes and the same in float64. */
export interface GraphCase {
  readonly label: string;
  readonly shapes: readonly (readonly number[])[];
  readonly node: (leaves: readonly Node<Tensor>[], device: Device) => Node<Tensor>;
  readonly reference: (inputs: readonly Numbers[]) => Numbers;
}

const tokens = Uint32Array.of(1, 0, 1, 3);
const onDevice = (device: Device) => device.tensor(tokens, [4]);

const products: readonly GraphCase[] = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({
    label: "matmul",
    shapes: [transposeA ? [5, 3] : [3, 5], transposeB ? [4, 5] : [5, 4]],
    node: ([a, b]) => ops.matmul(a!, b!, { transposeA, transposeB }),
    reference: ([a, b]) => matmulReference(a!, b!, [3, 4, 5], { transposeA, transposeB }),
  })),
);

export const graphCases: readonly GraphCase[] = [
  ...products,
  {
    label: "addBias",
    shapes: [[3, 5], [5]],
    node: ([x, bias]) => ops.addBias(x!, bias!),
    reference: ([x, bias]) => addBiasReference(x!, bias!),
  },
  {
    label: "add",
    shapes: [
      [2, 3],
      [2, 3],
    ],
    node: ([a, b]) => ops.add(a!, b!),
    reference: ([a, b]) => addReference(a!, b!),
  },
  {
    label: "scale",
    shapes: [[5]],
    node: ([x]) => ops.scale(x!, 0.25),
    reference: ([x]) => scaleReference(x!, 0.25),
  },
  {
    label: "reshape",
    shapes: [[2, 6]],
    node: ([x]) => ops.reshape(x!, [3, 4]),
    reference: ([x]) => x!,
  },
  {
    label: "layerNorm",
    shapes: [[3, 5], [5], [5]],
    node: ([x, gain, bias]) => ops.layerNorm(x!, gain!, bias!),
    reference: ([x, gain, bias]) => layerNormReference(x!, gain!, bias!, 1e-5).out,
  },
  {
    label: "rmsNorm",
    shapes: [[3, 5], [5]],
    node: ([x, gain]) => ops.rmsNorm(x!, gain!, 1e-3),
    reference: ([x, gain]) => rmsNormReference(x!, gain!, 1e-3).out,
  },
  {
    label: "gelu",
    shapes: [[7]],
    node: ([x]) => ops.gelu(x!),
    reference: ([x]) => geluReference(x!),
  },
  {
    label: "swiglu",
    shapes: [[7], [7]],
    node: ([gate, up]) => ops.swiglu(gate!, up!),
    reference: ([gate, up]) => swigluReference(gate!, up!),
  },
  {
    label: "embedding",
    shapes: [[5, 3]],
    node: ([table], device) => ops.embedding(table!, onDevice(device)),
    reference: ([table]) => embeddingReference(table!, tokens, 3),
  },
  {
    label: "rotary",
    shapes: [[2, 3, 1, 4]],
    node: ([x]) => ops.rotary(x!, { base: 100, offset: 7 }),
    reference: ([x]) => rotaryReference(x!, [2, 3, 1, 4], { base: 100, offset: 7 }),
  },
  {
    label: "rotary",
    shapes: [[2, 3, 1, 4]],
    node: ([x]) => ops.rotary(x!, { inverse: true }),
    reference: ([x]) => rotaryReference(x!, [2, 3, 1, 4], { inverse: true }),
  },
  {
    label: "softmaxCrossEntropy",
    shapes: [[4, 6]],
    node: ([logits], device) => ops.softmaxCrossEntropy(logits!, onDevice(device)),
    reference: ([logits]) => [softmaxCrossEntropyReference(logits!, tokens).loss],
  },
  {
    label: "softmaxCrossEntropy",
    shapes: [[4, 6]],
    node: ([logits], device) =>
      ops.softmaxCrossEntropy(ops.scale(logits!, 2), onDevice(device), { overwrite: true }),
    reference: ([logits]) => [softmaxCrossEntropyReference(scaleReference(logits!, 2), tokens).loss],
  },
];

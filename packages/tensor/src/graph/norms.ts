import { type Node, operation } from "@sus/graph";
import { layerNormBackward, layerNorm as layerNormTensors } from "../layer-norm/index.ts";
import { rmsNormBackward, rmsNorm as rmsNormTensors } from "../rms-norm/index.ts";
import type { Tensor } from "../tensor.ts";

/** `layerNorm` of nodes. */
export function layerNorm(
  x: Node<Tensor>,
  gain: Node<Tensor>,
  bias: Node<Tensor>,
  epsilon?: number,
): Node<Tensor> {
  const { out, ...statistics } = layerNormTensors(x.value, gain.value, bias.value, epsilon);
  return operation("layerNorm", out, [x, gain, bias], (cotangent) => {
    const { dx, dGain, dBias } = layerNormBackward(x.value, gain.value, statistics, cotangent);
    return [dx, dGain, dBias];
  });
}

/** `rmsNorm` of nodes. */
export function rmsNorm(x: Node<Tensor>, gain: Node<Tensor>, epsilon?: number): Node<Tensor> {
  const { out, rstd } = rmsNormTensors(x.value, gain.value, epsilon);
  return operation("rmsNorm", out, [x, gain], (cotangent) => {
    const { dx, dGain } = rmsNormBackward(x.value, gain.value, rstd, cotangent);
    return [dx, dGain];
  });
}

import { type Node, operation } from "@sus/graph";
import {
  type CrossEntropyOptions,
  softmaxCrossEntropy as crossEntropyTensors,
} from "../cross-entropy/index.ts";
import { embeddingBackward, embedding as embeddingTensors } from "../embedding/index.ts";
import { type RotaryOptions, rotary as rotaryTensor } from "../rotary/index.ts";
import { scale } from "../scale/index.ts";
import type { Tensor } from "../tensor.ts";

/** `embedding` of a table's node. The tokens are data, not a node; they must live until the backward pass. */
export function embedding(table: Node<Tensor>, tokens: Tensor): Node<Tensor> {
  const vocabulary = table.value.shape[0]!;
  return operation("embedding", embeddingTensors(table.value, tokens), [table], (cotangent) => [
    embeddingBackward(tokens, cotangent, vocabulary),
  ]);
}

/** `rotary` of a node: its pullback is the inverse rotation. */
export function rotary(x: Node<Tensor>, options: RotaryOptions = {}): Node<Tensor> {
  return operation("rotary", rotaryTensor(x.value, options), [x], (cotangent) => [
    rotaryTensor(cotangent, { ...options, inverse: !options.inverse }),
  ]);
}

/**
 * `softmaxCrossEntropy` of a node: the mean loss [1] in nats. The gradient is made with it and kept for the pullback;
 * with `overwrite` it takes the place of the logits, whose node then no longer holds them.
 */
export function softmaxCrossEntropy(
  logits: Node<Tensor>,
  targets: Tensor,
  options: CrossEntropyOptions = {},
): Node<Tensor> {
  const { loss, gradient } = crossEntropyTensors(logits.value, targets, options);
  return operation("softmaxCrossEntropy", loss, [logits], (cotangent) => [scale(gradient, cotangent)]);
}

import { fold, key } from "@sus/graph";
import { normal } from "../../training/model.ts";

/** Width of the head. */
export const depth = 64;

/** Queries, keys, values and the cotangent of the output, each [n, depth], normal. */
export function attentionInputs(
  n: number,
): Readonly<Record<"q" | "k" | "v" | "dOut", Float32Array<ArrayBuffer>>> {
  const draw = (stream: number) => normal(n * depth, fold(key(7), stream));
  return { q: draw(0), k: draw(1), v: draw(2), dOut: draw(3) };
}

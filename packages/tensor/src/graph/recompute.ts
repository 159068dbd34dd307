import { backward, leaf, type Node, operation } from "@sus/graph";
import type { Device } from "../device/device.ts";
import { DeviceError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { tensors } from "./space.ts";

/** A part of a graph as a function of the nodes it starts from. It must give the same numbers whenever it is called. */
export type Build = (parents: readonly Node<Tensor>[]) => Node<Tensor>;

/**
 * The node that `build` makes of the parents, without holding on to what is computed on the way: one edge, whose
 * pullback builds the part again and walks it backwards.
 *
 * Memory for time: between forward and backward pass only the parents and the value are held, for a second forward
 * pass through the part. Cuts of the outer `backward` see the one edge, not the ones inside.
 *
 * Source: Chen et al., "Training deep nets with sublinear memory cost" (arXiv 1604.06174).
 *
 * @throws DeviceError without a parent, since the parents name the device.
 */
export function recompute(label: string, parents: readonly Node<Tensor>[], build: Build): Node<Tensor> {
  const device = parents[0]?.value.device;
  if (device === undefined)
    throw new DeviceError(`recompute: expected at least one parent of "${label}", got none`);

  const leaves = () => parents.map(({ value }) => leaf(value));
  const value = inOwnScope(device, () => {
    const out = build(leaves()).value;
    return { result: out, kept: [out] };
  });
  return operation(label, value, parents, (cotangent) =>
    inOwnScope(device, () => {
      const starts = leaves();
      const gradients = backward(build(starts), cotangent, { space: tensors });
      return { result: starts.map((start) => gradients.get(start) ?? null), kept: gradients.values() };
    }),
  );
}

/** Frees all that `run` makes but the tensors it keeps, which go to the scope around. */
function inOwnScope<R>(
  device: Device,
  run: () => { readonly result: R; readonly kept: Iterable<Tensor> },
): R {
  const outliving: Tensor[] = [];
  let result: R;
  {
    using scope = device.scope();
    const made = run();
    result = made.result;
    for (const tensor of made.kept) outliving.push(scope.keep(tensor));
  }
  for (const tensor of outliving) device.register(tensor);
  return result;
}

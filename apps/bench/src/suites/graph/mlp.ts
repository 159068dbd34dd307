import { fold, independent, key, type Random } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";
import {
  type Batch,
  createMlp,
  drawBatch,
  gradientsOf,
  lossOf,
  parametersOf,
  train,
} from "../../../../../docs/graphs/mlp.ts";
import type { Worked } from "./worked.ts";

export const shape = { width: 256, depth: 6, points: 512 } as const;

/** The deep MLP after some exact steps; the budget is the share of the points. */
export async function mlp(device: Device, budget: number, warmUp: number): Promise<Worked> {
  const scope = device.scope();
  const { width, depth, points } = shape;
  const model = createMlp(device, width, depth, key(0));
  for await (const _ of train(device, model, { steps: warmUp, points, share: 1, seed: 0 })) void _;
  const parameters = parametersOf(model);
  const batch = drawBatch(device, points, key(1));
  const loss = lossOf(model, batch);

  async function flat(gradients: ReadonlyMap<unknown, Tensor>): Promise<Float32Array> {
    const size = parameters.reduce((sum, { value }) => sum + value.size, 0);
    const all = new Float32Array(size);
    let offset = 0;
    for (const node of parameters) {
      const gradient = gradients.get(node);
      if (gradient !== undefined) all.set((await gradient.read()) as Float32Array, offset);
      offset += node.value.size;
    }
    return all;
  }
  const gradients = (random?: Random, of = loss) =>
    gradientsOf(of, random === undefined ? 1 : budget, random ?? independent(key(0)));
  return {
    name: "mlp",
    budget,
    kept: budget,
    forward: () => {
      using _scope = device.scope();
      lossOf(model, batch);
    },
    pullBack: (random) => {
      using _scope = device.scope();
      gradients(random);
    },
    gradient: async (random) => {
      using _scope = device.scope();
      return await flat(gradients(random));
    },
    gradientOfBatch: async (index) => {
      using _scope = device.scope();
      const other: Batch = drawBatch(device, points, fold(key(2), index));
      return await flat(gradients(undefined, lossOf(model, other)));
    },
    [Symbol.dispose]: () => scope[Symbol.dispose](),
  };
}

import { attentionBackward, attentionForward } from "@sus/attention";
import { fold, key } from "@sus/graph";
import { type Device, openDevice, type Tensor } from "@sus/tensor";
import { type Budget, TrainingStep } from "../../training/step.ts";
import { attentionInputs, depth } from "./attention-inputs.ts";
import type { Library, Numbers, Side } from "./side.ts";

export interface OursOptions {
  readonly threads: number;
  /** For what is timed; the gradient that is compared is exact. */
  readonly c: Budget;
}

/** This project: on so many threads, with the exact backward pass or a sampled one. */
export function ours(options: OursOptions): Library {
  return { attention: (n) => attention(n, options), step: (n) => step(n, options) };
}

async function attention(n: number, { threads, c }: OursOptions): Promise<Side> {
  const device = await openDevice("wasm", { threads });
  const inputs = attentionInputs(n);
  const [q, k, v, dOut] = [inputs.q, inputs.k, inputs.v, inputs.dOut].map((data) =>
    device.tensor(data, [1, n, 1, depth]),
  ) as [Tensor, Tensor, Tensor, Tensor];
  let runs = 0;
  const pass = (budget: Budget) => {
    const sample = { design: "bernoulli", key: fold(key(3), ++runs) } as const;
    const forward = attentionForward(q, k, v, budget === "all" ? {} : { sample: { ...sample, c: budget } });
    return { out: forward.out, ...attentionBackward(forward, forward.sample ?? "all", dOut) };
  };
  return sideOf(device, {
    gradient: async () => {
      const { out, dq, dk, dv } = pass("all");
      const values = (await out.read()) as Float32Array;
      const loss = values.reduce((sum, value, i) => sum + value * inputs.dOut[i]!, 0);
      return { loss: Float32Array.of(loss), ...(await readAll({ dq, dk, dv })) };
    },
    run: () => pass(c),
  });
}

async function step(n: number, { threads, c }: OursOptions): Promise<Side> {
  const device = await openDevice("wasm", { threads });
  const training = new TrainingStep(device, n);
  return sideOf(device, {
    gradient: () => {
      const { loss, gradients } = training.differentiate("all");
      return readAll({ loss, ...Object.fromEntries(gradients) });
    },
    run: () => training.run(c),
  });
}

/** A side whose tensors live for a call, but for the inputs, which go with the device. */
function sideOf(device: Device, work: { gradient(): Promise<Numbers>; run(): unknown }): Side {
  return {
    threads: device.threads,
    gradient: async () => {
      using _ = device.scope();
      return await work.gradient();
    },
    run: async () => {
      using _ = device.scope();
      work.run();
    },
    [Symbol.dispose]: () => device[Symbol.dispose](),
  };
}

async function readAll(tensors: Readonly<Record<string, Tensor>>): Promise<Numbers> {
  const entries = Object.entries(tensors).map(
    async ([name, tensor]) => [name, (await tensor.read()) as Float32Array] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

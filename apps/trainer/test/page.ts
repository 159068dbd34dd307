import { type Estimator, transformer } from "@sus/attention";
import { fold, key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import { woodchuck } from "../src/testing/woodchuck.ts";
import { trainingBatch } from "../src/text/batches.ts";
import { differentiate } from "../src/train/differentiate.ts";
import { Optimiser } from "../src/train/optimiser.ts";
import { learningRateAt } from "../src/train/schedule.ts";

/** What a page found, as it can be handed to the test. */
export interface PageReport {
  readonly devices: Readonly<Record<DeviceName, string>>;
  /** The loss of each step in nats a token, by estimator. */
  readonly losses: Readonly<Record<EstimatorName, Readonly<Record<DeviceName, readonly number[]>>>>;
}

type DeviceName = "wasm" | "webgpu";
type EstimatorName = "exact" | "sampled";

const steps = 5;
const shape = { batch: 2, context: 32 } as const;
const config = { vocabulary: 256, context: 32, layers: 2, heads: 2, width: 32 } as const;
const schedule = { learningRate: 3e-3, warmUp: 1, steps } as const;
const update = { weightDecay: 0.1, clip: 1 } as const;

const estimators: Readonly<Record<EstimatorName, (step: number) => Estimator>> = {
  exact: () => ({ c: "all" }),
  sampled: (step) => ({ c: 6, design: "bernoulli", baseline: false, key: fold(key(3), step) }),
};

/** Trains a tiny transformer for some steps on the GPU and on the processor of the page. */
export async function run(): Promise<PageReport> {
  using wasm = await openDevice("wasm");
  using webgpu = await openDevice("webgpu");
  const onBoth = async (estimator: (step: number) => Estimator) => ({
    wasm: await lossesOn(wasm, estimator),
    webgpu: await lossesOn(webgpu, estimator),
  });
  return {
    devices: { wasm: wasm.name, webgpu: webgpu.name },
    losses: { exact: await onBoth(estimators.exact), sampled: await onBoth(estimators.sampled) },
  };
}

async function lossesOn(device: Device, estimator: (step: number) => Estimator): Promise<number[]> {
  using model = transformer(device, config, key(1));
  using optimiser = new Optimiser(device, model.parameters);
  const bytes = new TextEncoder().encode(woodchuck);
  const losses: number[] = [];
  for (let step = 1; step <= steps; step++) {
    using _ = device.scope();
    const batch = trainingBatch(bytes, [{ begin: 0, end: bytes.length }], shape, key(2), step);
    const { loss, gradients } = await differentiate(model, batch, shape.context, estimator(step));
    optimiser.update(gradients, { ...update, step, learningRate: learningRateAt(step, schedule) });
    losses.push((await loss.value.read())[0]!);
  }
  await device.settle();
  return losses;
}

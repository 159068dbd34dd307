import { parameterSpecs, type ResolvedConfig, resolveConfig, Transformer, transformer } from "@sus/attention";
import { fold, type Key, key } from "@sus/graph";
import type { Device } from "@sus/tensor";
import { openDevice } from "@sus/tensor/node";
import type { Array32 } from "../run-folder/safetensors.ts";
import type { Settings } from "../settings.ts";
import { loadTensors } from "./tensors.ts";

/** A token is a byte. */
const vocabulary = 256;

/** What a seed is split into: streams that share no random numbers. */
const streams = { parameters: 0, batches: 1, estimator: 2, probe: 3 } as const;

export function streamOf(seed: number, stream: keyof typeof streams): Key {
  return fold(key(seed), streams[stream]);
}

/** The device that the settings ask for, measuring its kernels if it can. The caller disposes it. */
export async function openDeviceFor({
  device,
  threads,
}: Pick<Settings, "device" | "threads">): Promise<Device> {
  return await openDevice(device, { profile: "optional", ...(threads === null ? {} : { threads }) });
}

/** The shape of the model. */
export function modelConfig(settings: Settings): ResolvedConfig {
  const { context, layers, heads, keyValueHeads, width, hidden, positions, activation, norm } = settings;
  return resolveConfig({
    vocabulary,
    ...{ context, layers, heads, keyValueHeads, width, hidden, positions, activation, norm },
  });
}

/** The model with fresh weights. The caller disposes it. */
export function freshModel(device: Device, settings: Settings): Transformer {
  return transformer(device, modelConfig(settings), streamOf(settings.seed, "parameters"));
}

/** The model with the weights of a checkpoint. The caller disposes it. Throws `InputError` where they do not fit. */
export function loadModel(
  device: Device,
  settings: Settings,
  parameters: ReadonlyMap<string, Array32>,
): Transformer {
  const config = modelConfig(settings);
  const shapes = new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
  return new Transformer(device, config, loadTensors(device, shapes, parameters));
}

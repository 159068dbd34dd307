import { Transformer, type TransformerConfig, transformer } from "@sus/attention";
import { fold, type Key, key } from "@sus/graph";
import { type Device, openDevice } from "@sus/tensor";
import type { Array32 } from "../run-folder/safetensors.ts";
import type { Settings } from "../settings.ts";
import { loadTensors } from "./tensors.ts";

/** A token is a byte. */
const vocabulary = 256;

/** What a seed is split into: streams that share no random numbers. */
const streams = { parameters: 0, batches: 1, estimator: 2 } as const;

export function streamOf(seed: number, stream: keyof typeof streams): Key {
  return fold(key(seed), streams[stream]);
}

/** The device that the settings ask for, measuring its kernels. The caller disposes it. */
export async function openDeviceFor({
  device,
  threads,
}: Pick<Settings, "device" | "threads">): Promise<Device> {
  return await openDevice(device, { profile: true, ...(threads === null ? {} : { threads }) });
}

/** The model with fresh weights. The caller disposes it. */
export function freshModel(device: Device, settings: Settings): Transformer {
  const config: TransformerConfig = {
    vocabulary,
    context: settings.context,
    layers: settings.layers,
    heads: settings.heads,
    keyValueHeads: settings.keyValueHeads,
    width: settings.width,
    hidden: settings.hidden,
    positions: settings.positions,
    activation: settings.activation,
    norm: settings.norm,
  };
  return transformer(device, config, streamOf(settings.seed, "parameters"));
}

/** The model with the weights of a checkpoint. The caller disposes it. */
export function loadModel(
  device: Device,
  settings: Settings,
  parameters: ReadonlyMap<string, Array32>,
): Transformer {
  using fresh = freshModel(device, settings);
  return new Transformer(device, fresh.config, loadTensors(fresh.parameters, parameters));
}

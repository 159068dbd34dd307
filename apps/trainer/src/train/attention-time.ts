import type { Device } from "@sus/tensor";

/** Milliseconds that a device spent on attention. */
export interface AttentionTime {
  readonly attentionForward: number;
  readonly attentionBackward: number;
}

/** The time since the device's last `resetMilliseconds`, in all kernels whose names begin with these words. */
export function attentionTime(device: Device): AttentionTime {
  const kernels = [...device.milliseconds];
  const total = (prefix: string) =>
    kernels.reduce((sum, [name, time]) => (name.startsWith(prefix) ? sum + time : sum), 0);
  return { attentionForward: total("attentionForward"), attentionBackward: total("attentionBackward") };
}

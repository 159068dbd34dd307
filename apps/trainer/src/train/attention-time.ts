import type { Device } from "@sus/tensor";

/** Milliseconds that a device spent on attention; nothing where it can't measure its kernels. */
export interface AttentionTime {
  readonly attentionForward?: number;
  readonly attentionBackward?: number;
}

/** The time since the device's last `resetMilliseconds`, in all kernels whose names begin with these words. */
export function attentionTime(device: Device): AttentionTime {
  if (!device.profiled) return {};
  const kernels = [...device.milliseconds];
  const total = (...prefixes: readonly string[]) =>
    kernels.reduce(
      (sum, [name, time]) => (prefixes.some((prefix) => name.startsWith(prefix)) ? sum + time : sum),
      0,
    );
  return {
    attentionForward: total("attentionForward"),
    attentionBackward: total("attentionBackward", "attentionThin"),
  };
}

import { z } from "zod";
import { exportModel } from "../export/export.ts";
import { formatCount } from "../format.ts";
import { expectOptions } from "../options.ts";
import { defaults, machineShape } from "../settings.ts";

const settingsSchema = z.strictObject({
  out: z.string(),
  overwrite: z.boolean(),
  data: z.string().nullable(),
  ...machineShape,
});

const exportDefaults = {
  overwrite: false,
  data: null,
  device: defaults.device,
  threads: defaults.threads,
} as const;

/** `sus export`: writes a trained model as a folder of 16-bit weights to pass on. */
export async function runExport(run: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = expectOptions(settingsSchema, { ...exportDefaults, ...given });
  const { out, overwrite, data, device, threads } = settings;
  const { parameters, bytes, step, heldOut } = await exportModel({
    ...{ run, out, overwrite, machine: { device, threads } },
    ...(data === null ? {} : { data }),
  });
  const { float32, float16 } = heldOut;
  process.stdout.write(
    `${out}: ${formatCount(parameters)} parameters after step ${step}, ${(bytes / 1e6).toFixed(1)} MB in float16.\n` +
      `Held-out text: ${float32.toFixed(4)} bits per byte in float32, ${float16.toFixed(4)} in float16 ` +
      `(${(float16 - float32).toExponential(1)}).\n`,
  );
}

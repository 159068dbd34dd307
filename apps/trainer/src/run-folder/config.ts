import { z } from "zod";
import { settingsSchema } from "../settings.ts";

/** What `config.json` holds: all that a run depends on. */
export const configSchema = z.strictObject({
  format: z.literal(1, "1: this run folder is of another version"),
  settings: settingsSchema,
  /** The text that was trained on, so that a resumed run can tell whether it is still the same. */
  text: z.strictObject({ name: z.string(), bytes: z.int(), sha256: z.string() }),
});

export type Config = z.infer<typeof configSchema>;

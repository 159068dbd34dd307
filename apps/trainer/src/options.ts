import { z } from "zod";
import { UsageError } from "./errors.ts";

/** The option that sets a field: `keyValueHeads` is `--key-value-heads`. */
export function optionName(field: string): string {
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The values if the schema accepts them. Throws `UsageError` in the form `--heads: expected …, got 0` otherwise. */
export function expectOptions<T>(schema: z.ZodType<T>, values: Readonly<Record<string, unknown>>): T {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const field = String(path[0]);
  throw new UsageError(`${optionName(field)}: expected ${message}, got ${values[field]}`);
}

/** A whole number of at least `minimum`. Messages of these schemas complete "expected …". */
export function whole(minimum: number): z.ZodType<number> {
  const wanted = `a whole number of at least ${minimum}`;
  return z.int(wanted).min(minimum, wanted);
}

/** A number that `accepts` accepts, `wanted` in words. */
export function number(accepts: (value: number) => boolean, wanted: string): z.ZodType<number> {
  return z.number(wanted).refine(accepts, wanted);
}

/** One of some words. */
export function oneOf<const T extends readonly string[]>(choices: T): z.ZodType<T[number]> {
  return z.enum(choices, `one of ${choices.join(", ")}`);
}

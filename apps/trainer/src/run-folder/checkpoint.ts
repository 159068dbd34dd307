import { z } from "zod";
import { InputError } from "../errors.ts";
import { type Array32, decode, encode, SafetensorsError } from "./safetensors.ts";

/** All that a run needs to go on after a step as if it had never stopped. */
export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  /** Bits per byte on the held-out text before the first step. */
  readonly heldOutBefore: number;
  readonly parameters: ReadonlyMap<string, Array32>;
  /** The optimiser's state by name. */
  readonly optimiser: ReadonlyMap<string, Array32>;
}

/** Before the names of the optimiser's tensors; parameters keep their own names, for other readers of the file. */
const optimiserPrefix = "optimiser.";

const metadataSchema = z.object({
  step: z.string().regex(/^\d+$/).transform(Number),
  heldOutBefore: z.string().min(1).transform(Number).pipe(z.number()),
});

export function encodeCheckpoint({ step, heldOutBefore, parameters, optimiser }: Checkpoint): Uint8Array {
  const moments = [...optimiser].map(([name, array]) => [optimiserPrefix + name, array] as const);
  return encode({
    tensors: new Map([...parameters, ...moments]),
    metadata: { step: String(step), heldOutBefore: String(heldOutBefore) },
  });
}

/** Throws `InputError`, naming the file, where it is not a checkpoint. */
export function decodeCheckpoint(path: string, file: Uint8Array): Checkpoint {
  const { tensors, metadata } = decodeNamed(path, file);
  const result = metadataSchema.safeParse(metadata);
  if (!result.success) {
    const { path: field, message } = result.error.issues[0]!;
    throw new InputError(`${path}: expected a checkpoint of sus train: ${field.join(".")}: ${message}`);
  }
  const isMoment = ([name]: readonly [string, Array32]) => name.startsWith(optimiserPrefix);
  const entries = [...tensors];
  return {
    ...result.data,
    parameters: new Map(entries.filter((entry) => !isMoment(entry))),
    optimiser: new Map(
      entries.filter(isMoment).map(([name, array]) => [name.slice(optimiserPrefix.length), array]),
    ),
  };
}

/** The parameters of a checkpoint, or of any safetensors file. Throws `InputError`, naming the file, for another one. */
export function readParameters(path: string, file: Uint8Array): ReadonlyMap<string, Array32> {
  const { tensors } = decodeNamed(path, file);
  return new Map([...tensors].filter(([name]) => !name.startsWith(optimiserPrefix)));
}

function decodeNamed(path: string, file: Uint8Array): ReturnType<typeof decode> {
  try {
    return decode(file);
  } catch (error) {
    if (error instanceof SafetensorsError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError, reason } from "../errors.ts";
import { readParameters } from "./checkpoint.ts";
import type { Config } from "./config.ts";
import { RunFolder } from "./run-folder.ts";
import type { Array32 } from "./safetensors.ts";

/** Where the weights of a folder are: of a run, or of an exported model. */
const weightFiles = ["checkpoint.safetensors", "model.safetensors"] as const;

/** A trained model as a folder has it. */
export interface Trained {
  readonly config: Config;
  /** In float32, whatever the file holds. */
  readonly parameters: ReadonlyMap<string, Array32>;
}

/**
 * The folder of a run, of which the last checkpoint counts, that of an exported model, or a file of weights beside a
 * `config.json`. `option` is what named it, for the message of the `InputError`.
 */
export async function openTrained(path: string, option: string): Promise<Trained> {
  const status = await stat(path).catch((error) => {
    throw new InputError(
      `${option}: expected the folder of a run, or a .safetensors file, got ${path}: ${reason(error)}`,
    );
  });
  const { config } = await RunFolder.open(status.isDirectory() ? path : dirname(path), option);
  const file = status.isDirectory() ? await weightFileOf(path) : path;
  const contents = await readFile(file).catch((error) => {
    throw new InputError(`${file}: expected a checkpoint: ${reason(error)}`);
  });
  return { config, parameters: readParameters(file, contents) };
}

/** The first that there is, or the first at all. */
async function weightFileOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  return join(folder, weightFiles.find((name) => names.includes(name)) ?? weightFiles[0]);
}

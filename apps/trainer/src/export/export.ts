import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { InputError } from "../errors.ts";
import type { Checkpoint } from "../run-folder/checkpoint.ts";
import type { Config } from "../run-folder/config.ts";
import { RunFolder } from "../run-folder/run-folder.ts";
import { decode, encode, SafetensorsError } from "../run-folder/safetensors.ts";
import { writeAtomically } from "../run-folder/write-atomically.ts";
import { writing } from "../run-folder/writing.ts";
import type { Settings } from "../settings.ts";
import { readText } from "../text/source.ts";
import { splitText } from "../text/split.ts";
import { Trainer } from "../train/trainer.ts";
import { renderReadme } from "./readme.ts";

/** A model as it was written. */
export interface Exported {
  readonly parameters: number;
  /** Of the file of weights. */
  readonly bytes: number;
  readonly step: number;
  /** Held-out bits per byte with the weights of the run, and with those of the file. */
  readonly heldOut: { readonly float32: number; readonly float16: number };
}

export interface ExportPlan {
  readonly run: string;
  readonly out: string;
  readonly overwrite: boolean;
  /** The text where it is not where the run found it. */
  readonly data?: string;
  readonly machine: Pick<Settings, "device" | "threads">;
}

/**
 * Writes the last checkpoint of a run as a folder to pass on: `model.safetensors` in float16, `config.json`, `log.jsonl`,
 * `held-out.txt`, the first stretch of text that was never trained on, and a README that sums them up.
 *
 * float16 and not bfloat16: weights have no use for the latter's range, and its error is eight times as large.
 *
 * Throws `InputError` where the run or its text cannot be used, or a weight is no finite float16.
 */
export async function exportModel({ run, out, overwrite, data, machine }: ExportPlan): Promise<Exported> {
  await RunFolder.expectFree(out, overwrite);
  const folder = await RunFolder.open(run, "<folder>");
  const checkpoint = await folder.readCheckpoint();
  const settings = { ...folder.config.settings, ...machine };
  const text = await readText(data ?? settings.data);
  if (text.sha256 !== folder.config.text.sha256) {
    throw new InputError(
      `--data: expected the text of the run, ${folder.config.text.bytes} bytes of ${folder.config.text.name}, got another`,
    );
  }
  const config = portable(folder.config);
  const rounded = roundedToHalves(checkpoint);
  const heldOut = {
    float32: await evaluate(settings, text.bytes, checkpoint),
    float16: await evaluate(settings, text.bytes, rounded),
  };
  const file = encode(
    { tensors: rounded.parameters, metadata: metadataOf(config, checkpoint, heldOut) },
    "F16",
  );
  const parameters = [...rounded.parameters.values()].reduce((sum, { data }) => sum + data.length, 0);
  const exported = { parameters, bytes: file.length, step: checkpoint.step, heldOut };

  await writing(out, () => mkdir(out, { recursive: true }));
  const { training: _, heldOut: stretches } = splitText(
    text.bytes.length,
    settings.heldOut,
    settings.context + 1,
  );
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "config.json": `${JSON.stringify(config, null, 2)}\n`,
    "held-out.txt": text.bytes.subarray(stretches[0]!.begin, stretches[0]!.end),
    "README.md": renderReadme(basename(out), config, exported),
    "model.safetensors": file,
  };
  await writing(out, () => copyFile(join(run, "log.jsonl"), join(out, "log.jsonl")));
  for (const [name, contents] of Object.entries(files)) {
    const path = join(out, name);
    await writing(path, () => writeAtomically(path, contents));
  }
  return exported;
}

/** Without the paths of the machine: a text is called by the name of its file. */
function portable({ settings, text, ...config }: Config): Config {
  const { data, start } = settings;
  const nameOf = (path: string | null) => (path === null ? null : basename(path));
  return {
    ...config,
    settings: { ...settings, data: nameOf(data), start: nameOf(start), threads: null },
    text: { ...text, name: data === null ? text.name : basename(data) },
  };
}

/** What a reader of the file alone has to know. */
function metadataOf(
  { settings, text }: Config,
  { step, heldOutBefore }: Checkpoint,
  heldOut: Exported["heldOut"],
): Record<string, string> {
  return {
    producer: "sus export",
    tokenizer: "bytes",
    config: JSON.stringify(settings),
    seed: String(settings.seed),
    step: String(step),
    text: text.name,
    textSha256: text.sha256,
    heldOutBefore: String(heldOutBefore),
    heldOut: String(heldOut.float16),
    heldOutFloat32: String(heldOut.float32),
  };
}

/** The parameters as they come back from a file of float16. */
function roundedToHalves(checkpoint: Checkpoint): Checkpoint {
  try {
    const { tensors } = decode(encode({ tensors: checkpoint.parameters, metadata: {} }, "F16"));
    return { ...checkpoint, parameters: tensors };
  } catch (error) {
    if (error instanceof SafetensorsError) throw new InputError(`<folder>: ${error.message}`);
    throw error;
  }
}

/** Held-out bits per byte, as the run measures it. */
async function evaluate(settings: Settings, bytes: Uint8Array, checkpoint: Checkpoint): Promise<number> {
  using trainer = await Trainer.open(settings, bytes, { checkpoint });
  return await trainer.evaluate();
}

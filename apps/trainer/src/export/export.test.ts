import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WasmDevice } from "@sus/tensor";
import { expect, test } from "vitest";
import { attentionRows } from "../model/attention-layers.ts";
import { loadModel } from "../model/model.ts";
import { realRows } from "../real-rows/index.ts";
import { decode, encode } from "../run-folder/safetensors.ts";
import { openTrained } from "../run-folder/trained.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { trainedFolder } from "../testing/trained.ts";
import { exportModel } from "./export.ts";

const machine = { device: "wasm", threads: 1 } as const;

async function exported() {
  const run = await trainedFolder();
  const out = join(await temporaryFolder(), "models", "tiny");
  return { run, out, ...(await exportModel({ run, out, overwrite: false, machine })) };
}

test("a model of 16 bits is half as large and as good, and is found where a checkpoint is", async () => {
  const { run, out, parameters, bytes, step, heldOut } = await exported();
  expect(await readdir(out)).toEqual([
    ...["README.md", "config.json", "held-out.txt", "log.jsonl", "model.safetensors"],
  ]);
  const log = (await readFile(join(run, "log.jsonl"), "utf8")).trimEnd().split("\n");
  expect(heldOut.float32).toBe(JSON.parse(log.at(-1)!).heldOut);
  expect(Math.abs(heldOut.float16 - heldOut.float32)).toBeLessThan(1e-3);
  expect(heldOut.float16).not.toBe(heldOut.float32);

  const file = await readFile(join(out, "model.safetensors"));
  expect(file.length).toBe(bytes);
  expect(bytes).toBeLessThan(2 * parameters + 4000);
  const { metadata } = decode(file);
  expect(metadata).toMatchObject({ tokenizer: "bytes", seed: "1", step: String(step), text: "text.txt" });
  expect(Number(metadata["heldOut"])).toBe(heldOut.float16);

  const [whole, half] = [await openTrained(run, "--checkpoint"), await openTrained(out, "--checkpoint")];
  expect([...half.parameters.keys()]).toEqual([...whole.parameters.keys()]);
  for (const [name, { shape, data }] of whole.parameters) {
    const rounded = half.parameters.get(name)!;
    expect(rounded.shape).toEqual(shape);
    for (const [i, x] of data.entries()) {
      expect(Math.abs(rounded.data[i]! - x)).toBeLessThanOrEqual(Math.max(2 ** -11 * Math.abs(x), 2 ** -25));
    }
  }
  expect(await openTrained(join(out, "model.safetensors"), "--checkpoint")).toEqual(half);
});

test("nothing in it names the machine", async () => {
  const { run, out } = await exported();
  for (const name of await readdir(out)) {
    expect((await readFile(join(out, name))).includes(join(run, "..")), name).toBe(false);
  }
});

test("refuses a folder with something in it, another text, and weights that are no float16", async () => {
  const { run, out } = await exported();
  const again = { run, out, machine };
  await expect(exportModel({ ...again, overwrite: false })).rejects.toThrow(`${out} is not empty`);
  const text = join(run, "..", "other.txt");
  await writeFile(text, "something else");
  await expect(exportModel({ ...again, overwrite: true, data: text })).rejects.toThrow(
    "--data: expected the text of the run",
  );
  const before = await readFile(join(out, "model.safetensors"));
  const path = join(run, "checkpoint.safetensors");
  const { tensors, metadata } = decode(await readFile(path));
  tensors.get("norm.gain")!.data[3] = 1e5;
  await writeFile(path, encode({ tensors, metadata }));
  await expect(exportModel({ ...again, overwrite: true })).rejects.toThrow(
    "norm.gain: 100000 is no finite float16",
  );
  expect(await readFile(join(out, "model.safetensors"))).toEqual(before);
  await rm(path);
  await expect(exportModel({ ...again, overwrite: true })).rejects.toThrow("expected a checkpoint");
});

test("its real rows are those of the model on the text that it was not trained on", async () => {
  const { out } = await exported();
  const text = await readFile(join(out, "held-out.txt"));
  using device = await WasmDevice.open({ threads: 1 });
  using rows = await realRows(device, out, 40);
  const { config, parameters } = await openTrained(out, "");
  using model = loadModel(device, config.settings, parameters);
  const batch = {
    tokens: Uint32Array.from(text.subarray(0, 40)),
    targets: Uint32Array.from(text.subarray(1, 41)),
  };
  const wanted = attentionRows(model, batch, 40);
  for (const [layer, own] of rows.layers.entries()) {
    for (const name of ["query", "key", "value", "dOut"] as const) {
      expect(await own[name].read()).toEqual(await wanted[layer]![name].read());
    }
  }
  for (const tensor of wanted.flatMap((layer) => Object.values(layer))) tensor[Symbol.dispose]();
  await expect(realRows(device, out, text.length)).rejects.toThrow(
    `realRows: expected at most ${text.length - 1} tokens`,
  );
});

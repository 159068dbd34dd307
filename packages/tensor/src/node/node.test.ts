import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundleProgram } from "@sus/build/program";
import { expect, test } from "vitest";
import { hasWebGpu } from "../../test/gpu.ts";

const entry = fileURLToPath(new URL("../../test/gpu-exits.ts", import.meta.url));
const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** What a process prints that has to end by itself: a second after it printed, and a few more for a busy machine. */
async function run(file: string, ending: string): Promise<string> {
  const child = promisify(execFile)(process.execPath, [file, ending], { timeout: 20_000 });
  let deadline: NodeJS.Timeout | undefined;
  child.child.stdout!.once("data", () => {
    deadline = setTimeout(() => child.child.kill("SIGKILL"), 5000);
  });
  try {
    return (await child).stdout;
  } finally {
    clearTimeout(deadline);
  }
}

test("without the package webgpu it says so, and auto takes the processor", async () => {
  await using program = await bundleProgram(entry);
  expect(await run(program.file, "missing")).toMatch(
    /^DeviceError: webgpu: the npm package "webgpu" is needed in Node: .*; auto: wasm\n$/,
  );
});

test.runIf(hasWebGpu)("a process ends by itself, whether it disposes of its GPU or forgets to", async () => {
  await using program = await bundleProgram(entry);
  await symlink(packages, join(dirname(program.file), "node_modules"));
  for (const ending of ["dispose", "forget"]) {
    expect(await run(program.file, ending)).toBe(`${ending}: 2,4\n`);
  }
});

import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { bundleProgram } from "@sus/build/program";
import { expect, test } from "vitest";
import { hasWebGpu } from "../../test/gpu.ts";

const [exits, memory] = ["gpu-exits", "gpu-memory"].map((name) =>
  fileURLToPath(new URL(`../../test/${name}.ts`, import.meta.url)),
) as [string, string];
const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** What a process prints that has to end by itself within a second after it printed. Some 50 ms are usual. */
async function run(file: string, ending: string): Promise<string> {
  const child = promisify(execFile)(process.execPath, [file, ending], { timeout: 20_000 });
  let deadline: NodeJS.Timeout | undefined;
  child.child.stdout!.once("data", () => {
    deadline = setTimeout(() => child.child.kill("SIGKILL"), 1000);
  });
  try {
    return (await child).stdout;
  } finally {
    clearTimeout(deadline);
  }
}

test("without the package webgpu it says so, and auto takes the processor", async () => {
  await using program = await bundleProgram(exits);
  expect(await run(program.file, "missing")).toMatch(
    /^DeviceError: webgpu: the npm package "webgpu" is needed in Node: .*; auto: wasm\n$/,
  );
});

test.runIf(hasWebGpu)("a process ends by itself, whether it disposes of its GPU or forgets to", async () => {
  await using program = await bundleProgram(exits);
  await symlink(packages, join(dirname(program.file), "node_modules"));
  for (const ending of ["dispose", "forget"]) {
    expect(await run(program.file, ending)).toBe(`${ending}: 2,4\n`);
  }
});

// Only a shell on Linux can be told to give a process less memory.
test.runIf(hasWebGpu && process.platform === "linux")(
  "where the GPU has no memory left, it is named what for, how much and the limit, and the device goes on",
  async () => {
    await using program = await bundleProgram(memory);
    await symlink(packages, join(dirname(program.file), "node_modules"));
    const command = `ulimit -v ${3 * 2 ** 20}; exec "$0" "$1"`;
    const { stdout } = await promisify(execFile)("sh", ["-c", command, process.execPath, program.file]);
    const { told, sum, blocks, reserved } = JSON.parse(stdout);
    expect(told).toMatch(
      /^DeviceError: webgpu: out of memory, a tensor of shape \[16384, 8192\] takes 512.0 MB, \d+\.\d MB are in use and a buffer may have 1024.0 MB: /,
    );
    expect(sum).toEqual([2, 4]);
    // The block that was never there is not kept for later.
    expect(reserved).toBeLessThan(blocks * 2 ** 29);
  },
);

import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { writeAtomically } from "./write-atomically.ts";

const module = fileURLToPath(new URL("./write-atomically.ts", import.meta.url));

test("replaces a file and leaves nothing else", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a");
  await writeAtomically(path, "first");
  await writeAtomically(path, Uint8Array.of(0x32));
  expect(await readFile(path, "utf8")).toBe("2");
  expect(await readdir(folder)).toEqual(["a"]);
});

test("leaves the old file whole where the new one does not fit", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a");
  await writeFile(path, "old");
  // The shell's limit on the size of a file stands for a full disk: the write stops half-way, the next one fails.
  const program = `
    const { writeAtomically } = await import(process.argv[1]);
    await writeAtomically(process.argv[2], new Uint8Array(1 << 20)).catch((error) => console.log(error.code));`;
  const limited = ['ulimit -f 64; exec "$@"', "sh", process.execPath, "--input-type=module", "--no-warnings"];
  const { stdout } = await promisify(execFile)("sh", ["-c", ...limited, "-e", program, module, path]);
  expect(stdout).toBe("EFBIG\n");
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["a"]);
});

test("says why a folder cannot be written to", async () => {
  const folder = await temporaryFolder();
  await expect(writeAtomically(join(folder, "none", "a"), "")).rejects.toThrow("ENOENT");
});

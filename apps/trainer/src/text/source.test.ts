import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readText } from "./source.ts";

describe("readText", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sus-text-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("reads a file as it is", async () => {
    await writeFile(join(folder, "a.txt"), "żółw\r\n");
    const text = await readText(join(folder, "a.txt"));
    expect(Buffer.from(text.bytes).toString()).toBe("żółw\r\n");
    expect(text.invalidUtf8).toEqual([]);
  });

  test("reads the files below a folder in the order of their paths, hidden ones left out", async () => {
    await mkdir(join(folder, "b"));
    await writeFile(join(folder, "c.txt"), "third");
    await writeFile(join(folder, "b", "x.txt"), "second");
    await writeFile(join(folder, "a.txt"), "first");
    await writeFile(join(folder, ".hidden"), "no");
    await symlink(folder, join(folder, "b", "round"));
    await symlink(join(folder, "a.txt"), join(folder, "d.txt"));
    const text = await readText(folder);
    expect(Buffer.from(text.bytes).toString()).toBe("first\n\nsecond\n\nthird\n\nfirst");
  });

  test("accepts bytes that are not UTF-8, and names their files", async () => {
    await writeFile(join(folder, "a.txt"), Uint8Array.of(0x61, 0xff));
    await writeFile(join(folder, "b.txt"), "b");
    const text = await readText(folder);
    expect([...text.bytes]).toEqual([0x61, 0xff, 0x0a, 0x0a, 0x62]);
    expect(text.invalidUtf8).toEqual([join(folder, "a.txt")]);
  });

  test("refuses what is missing, unreadable or empty", async () => {
    await writeFile(join(folder, "empty.txt"), "");
    await symlink(join(folder, "circle"), join(folder, "circle"));
    await expect(readText(join(folder, "none.txt"))).rejects.toThrow("none.txt: no such file or directory");
    await expect(readText(join(folder, "circle"))).rejects.toThrow("circle: too many symbolic links");
    await expect(readText(folder)).rejects.toThrow("circle: too many symbolic links");
    await expect(readText(join(folder, "empty.txt"))).rejects.toThrow("--data: expected text");
    await mkdir(join(folder, "nothing"));
    await expect(readText(join(folder, "nothing"))).rejects.toThrow("has none in 0 files");
    await expect(readText("/dev/null")).rejects.toThrow(
      "--data: expected a file or a folder, /dev/null is neither",
    );
  });
});

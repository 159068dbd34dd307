import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { exampleRecords } from "../testing/records.ts";
import { Log, readLog } from "./log.ts";

const lines = (records: readonly unknown[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join("");

test("writes a line a step and reads them back", async () => {
  const path = join(await temporaryFolder(), "log.jsonl");
  const records = exampleRecords(3);
  for (const part of [records.slice(0, 2), records.slice(2)]) {
    await using log = await Log.open(path);
    for (const record of part) await log.append(record);
  }
  expect(await readFile(path, "utf8")).toBe(lines(records));
  expect(await readLog(path, 3)).toEqual(records);
});

test("reading drops what lies beyond the last step, also half a line", async () => {
  const path = join(await temporaryFolder(), "log.jsonl");
  const records = exampleRecords(4);
  await writeFile(path, lines(records));
  await appendFile(path, '{"step":5,"bitsPer');
  expect(await readLog(path, 3)).toEqual(records.slice(0, 3));
  expect(await readFile(path, "utf8")).toBe(lines(records.slice(0, 3)));
});

test("reading refuses lines that are missing, broken or out of order", async () => {
  const path = join(await temporaryFolder(), "log.jsonl");
  const records = exampleRecords(3);
  await expect(readLog(path, 1)).rejects.toThrow("log.jsonl: expected the log of a run: no such file");
  await writeFile(path, lines(records));
  await expect(readLog(path, 4)).rejects.toThrow("expected line 4 to be the record of step 4");
  await writeFile(path, lines([records[0], records[2]]));
  await expect(readLog(path, 2)).rejects.toThrow("expected line 2 to be the record of step 2");
  await writeFile(path, `${lines(records.slice(0, 1))}nonsense\n`);
  await expect(readLog(path, 2)).rejects.toThrow("expected line 2 to be the record of step 2");
});

test.runIf(process.platform === "linux")("a full disk is an error that names option and file", async () => {
  await using log = await Log.open("/dev/full");
  await expect(log.append(exampleRecords(1)[0]!)).rejects.toThrow(
    "--out: expected a folder that can be written, /dev/full: no space left on device",
  );
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expected } from "./expected.ts";
import { names, run, Workshop } from "./workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop[Symbol.asyncDispose]());

describe.each(["npm", "pnpm"] as const)("installed by %s", (manager) => {
  test.each(names)("@sus/%s runs in plain Node", async (name) => {
    const project = await workshop.install(name, manager);
    const main = 'import { run } from "./program.js";\nprocess.stdout.write(JSON.stringify(await run()));\n';
    await writeFile(join(project, "main.js"), main);
    expect(JSON.parse(await run(process.execPath, ["main.js"], project))).toEqual(expected[name]);
  });
});

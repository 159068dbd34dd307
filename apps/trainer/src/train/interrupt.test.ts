import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Program } from "../../test/sus.ts";

const module = fileURLToPath(new URL("./interrupt.ts", import.meta.url));

/** A program that is told to stop, and then works on without ever looking up, as a long kernel does. */
const busy = `
  const { catchInterrupt } = await import(process.argv[1]);
  const alive = setInterval(() => {}, 1000);
  using interrupt = catchInterrupt(() => console.error("heard"));
  console.error("ready");
  await new Promise((resolve) => interrupt.signal.addEventListener("abort", resolve));
  await new Promise(setImmediate);
  console.error("busy");
  for (;;);`;

/** A program that hears of two signals at once. */
const twice = `
  const { catchInterrupt } = await import(process.argv[1]);
  using interrupt = catchInterrupt(() => process.emit("SIGINT", "SIGINT"));
  process.emit("SIGINT", "SIGINT");
  console.error("alive");`;

const run = (source: string) => {
  const flags = ["--input-type=module", "--no-warnings", "--eval"];
  return new Program(process.execPath, [...flags, source, module]);
};

test("the first Ctrl-C is heard, the second ends the process even in the middle of a kernel", async () => {
  const program = run(busy);
  await program.says("ready");
  program.process.kill("SIGINT");
  await program.says("busy");
  expect(program.stderr).toBe("ready\nheard\nbusy\n");
  program.process.kill("SIGINT");
  expect(await program.end()).toBe("SIGINT");
});

test("two that came during one step end the process as well", async () => {
  const program = run(twice);
  expect(await program.end()).toBe(130);
  expect(program.stderr).toBe("");
});

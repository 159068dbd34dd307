import { expect, test } from "vitest";
import { hasGpu } from "../src/testing/gpu.ts";
import { sus, tiny, workFolder } from "./sus.ts";

/** Here workgroup memory is cleared, as for any user, which takes the software adapter long to compile. */
const timeout = 180_000;
/** A GPU's driver may keep a process alive. One second is asked for; the rest is for machines that are busy. */
const longestEnd = 5000;

test.runIf(hasGpu)(
  "sus train --device webgpu trains there, and its process ends by itself",
  { timeout },
  async () => {
    const { text, out } = await workFolder();
    const program = sus("train", "--data", text, "--out", out, ...tiny, "--device", "webgpu");
    let deadline: NodeJS.Timeout | undefined;
    program.process.stdout!.once("data", () => {
      deadline = setTimeout(() => program.process.kill("SIGKILL"), longestEnd);
    });
    expect(await program.end(), program.stderr).toBe(0);
    clearTimeout(deadline);
    expect(program.stdout).toContain("Report:");
  },
);

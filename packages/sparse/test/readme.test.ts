import { expect, test } from "vitest";
import readme from "../README.md?text";
import { gradients } from "./readme-example.ts";
import source from "./readme-example.ts?text";

test("the example of the README is the one that runs here", () => {
  expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
});

test("the example gives what its sample, [[0.75, 0, 0.5], [0.5, 0.5, 0.5]], gives by hand", async () => {
  expect(await gradients()).toEqual([
    Float32Array.of(0.59375, -0.5),
    Float32Array.of(-0.96875, 0.75, -0.5625),
    Float32Array.of(0.25, -0.5, 0),
  ]);
});

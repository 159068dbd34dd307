import { describe, expect, test } from "vitest";
import { blocksOf, programOf, withChecks } from "../snippets/blocks.ts";
import { check } from "../snippets/check.ts";

const page = [
  "# A page",
  "```ts",
  "const one = 1;",
  "```",
  "```sh",
  "ls",
  "```",
  "````md",
  "```ts",
  "quoted();",
  "```",
  "````",
  "```ts file=other.ts",
  "elsewhere();",
  "```",
  "```ts",
  "  one + 1; // → 2, a sum",
  "```",
].join("\n");

test("finds the blocks of TypeScript", () => {
  expect(blocksOf(page)).toEqual([
    { lines: ["const one = 1;"], start: 2 },
    { lines: ["elsewhere();"], start: 13, file: "other.ts" },
    { lines: ["  one + 1; // → 2, a sum"], start: 16 },
  ]);
  expect(() => blocksOf("```ts\nconst one = 1;")).toThrow("expected a closing fence for the one in line 1");
});

test("joins them to a program whose lines keep their numbers", () => {
  const lines = programOf(page).split("\n");
  expect(lines.length).toBe(18);
  expect(lines.flatMap((line, i) => (line === "" ? [] : [[i, line]]))).toEqual([
    [2, "const one = 1;"],
    [16, "  one + 1; // → 2, a sum"],
  ]);
});

test("takes no promise that it would not check", () => {
  for (const line of ["const one = 1 // → 1", "// → 1"]) {
    expect(() => withChecks(`\n${line}`)).toThrow(
      "line 2: expected a promise behind an expression on one line",
    );
  }
});

test("turns promises into checks", () => {
  expect(withChecks("one + 1; // → 2, a sum")).toBe('check(1, (one + 1), "2");');
  expect(withChecks('f(";"); // → "a, \\"b\\"", text')).toBe(
    String.raw`check(1, (f(";")), "\"a, \\\"b\\\"\"");`,
  );
  expect(withChecks("const text = 'a → b';")).toBe("const text = 'a → b';");
});

describe("a promise", () => {
  test.each([
    [28.0000000001, "28"],
    [0.3149, "0.31"],
    [true, "true"],
    ["text", '"text"'],
  ])("is kept by %o for %s", (found, promised) => {
    expect(() => check(1, found, promised)).not.toThrow();
  });

  test.each([
    [28.001, "28"],
    [0.3151, "0.31"],
    [Number.NaN, "1"],
    [false, "true"],
    [undefined, "1"],
  ])("is broken by %o for %s", (found, promised) => {
    expect(() => check(7, found, promised)).toThrow(`line 7: expected ${promised}, got`);
  });
});

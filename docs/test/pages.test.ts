import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { blocksOf, programOf } from "../snippets/blocks.ts";

const here = dirname(fileURLToPath(import.meta.url));
const programs = import.meta.glob<unknown>(
  ["../*.md", "../{graphs,values}/*.md", "../../README.md", "../../packages/*/README.md"],
  { query: "?run" },
);
const texts = await Promise.all(
  Object.keys(programs).map(async (page) => ({ page, text: await readFile(resolve(here, page), "utf8") })),
);

const pages = texts.map(({ page, text }) => ({ page, blocks: blocksOf(text), program: programOf(text) }));

test.each(pages.filter(({ program }) => program.trim() !== ""))(
  "$page: its code runs and gives what it says",
  async ({ page }) => {
    await programs[page]!();
  },
);

test.each(pages.filter(({ blocks }) => blocks.some(({ file }) => file !== undefined)))(
  "$page: its excerpts are what the files say",
  async ({ page, blocks }) => {
    for (const { file, lines, start } of blocks) {
      if (file === undefined) continue;
      const source = await readFile(resolve(here, dirname(page), file), "utf8");
      expect(source.includes(`${lines.join("\n")}\n`), `line ${start}: an excerpt of ${file}`).toBe(true);
    }
  },
);

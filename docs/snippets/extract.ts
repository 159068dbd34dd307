// Writes the program of every page to dist/pages, for the type check.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { programOf } from "./blocks.ts";

const docs = fileURLToPath(new URL("..", import.meta.url));
const out = `${docs}dist/pages`;
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const page of globSync(
  ["*.md", "graphs/*.md", "values/*.md", "../README.md", "../packages/*/README.md"],
  { cwd: docs },
)) {
  const program = programOf(readFileSync(docs + page, "utf8"));
  if (program.trim() === "") continue;
  const name = page.replaceAll("../", "").replaceAll("/", "-").replace(/\.md$/, ".ts");
  // Pages import the files beside them.
  const placed = program.replaceAll(
    / from "\.\/(.*)";/g,
    ` from "../../${page.split("/").slice(0, -1).join("/")}/$1";`,
  );
  writeFileSync(`${out}/${name}`, `${placed}\nexport {};\n`);
}

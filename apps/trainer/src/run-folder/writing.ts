import { InputError, reason, WriteError } from "../errors.ts";

/** Does something to a file of the run, and turns the system's error into a `WriteError` that names option and file. */
export async function writing<R>(path: string, write: () => Promise<R>): Promise<R> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new WriteError(`--out: expected a folder that can be written, ${path}: ${reason(error)}`);
  }
}

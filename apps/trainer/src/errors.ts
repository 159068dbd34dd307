/** The command was called wrongly: exit code 2. The message begins with the option it is about. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A file, a text or a combination of settings cannot be used: exit code 1. The message says what would be accepted. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** A file of the run cannot be written: the disk is full, or the folder is not ours. */
export class WriteError extends InputError {}

/** The reason of a failed system call in words: "no space left on device, write". */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message.replace(/^E[A-Z0-9]+: /, "");
}

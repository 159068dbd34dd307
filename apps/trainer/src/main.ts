import { DeviceError } from "@sus/tensor";
import { CommanderError } from "commander";
import { InputError, UsageError } from "./errors.ts";

/** Runs a program to its exit code: 0, 1 where something cannot be used or written, 2 for wrong usage. */
export async function main(body: () => Promise<unknown>): Promise<void> {
  // A reader such as `head` may close the pipe: that ends the program, and is no error of it.
  process.stdout.on("error", () => process.exit(0));
  try {
    await body();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Tells what went wrong, and gives the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`sus: ${isExpected(error) ? error.message : describe(error)}\n`);
  if (isExpected(error) && error.message.includes("out of memory")) {
    process.stderr.write("Less of --context, --batch, --width or --layers needs less of it.\n");
  }
  return error instanceof UsageError ? 2 : 1;
}

/** Whether the message is all that the user needs. An error of the device may come wrapped in one of the graph. */
function isExpected(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const kinds = [InputError, UsageError, DeviceError];
  return kinds.some((kind) => error instanceof kind) || isExpected(error.cause);
}

/** A fault of ours: all there is to find it. */
function describe(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : String(error);
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import type { StepRecord } from "../src/run-folder/record.ts";

/** A program that runs, or has run, in a process of its own. */
export class Program {
  readonly process: ChildProcess;
  stdout = "";
  stderr = "";
  readonly #ended: Promise<unknown>;

  constructor(command: string, args: readonly string[]) {
    this.process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#ended = once(this.process, "close");
    this.process.stdout!.setEncoding("utf8").on("data", (text) => {
      this.stdout += text;
    });
    this.process.stderr!.setEncoding("utf8").on("data", (text) => {
      this.stderr += text;
    });
    onTestFinished(() => void this.process.kill("SIGKILL"));
  }

  /** Waits until standard error contains these words. Fails where the program ends without them. */
  async says(words: string): Promise<void> {
    while (!this.stderr.includes(words)) {
      const more = await Promise.race([once(this.process.stderr!, "data"), this.#ended.then(() => null)]);
      if (more === null && !this.stderr.includes(words)) {
        throw new Error(`ended without saying "${words}":\n${this.stderr}`);
      }
    }
  }

  /** The exit code, or the signal that ended it. */
  async end(): Promise<number | NodeJS.Signals> {
    await this.#ended;
    return this.process.exitCode ?? this.process.signalCode!;
  }
}

/** Runs `sus` with arguments. */
export function sus(...args: readonly string[]): Program {
  return new Program(process.execPath, [inject("cli"), ...args]);
}

/** A new folder with a text of `bytes` bytes in `text.txt`, for this test only. */
export async function workFolder(bytes = 4000): Promise<{ folder: string; text: string; out: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sus-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const text = join(folder, "text.txt");
  const sentence = "The quick brown fox jumps over the lazy dog, again and again. ";
  await writeFile(text, sentence.repeat(Math.ceil(bytes / sentence.length)).slice(0, bytes));
  return { folder, text, out: join(folder, "run") };
}

/** Options of a run that takes no time. */
export const tiny: readonly string[] = [
  ...["--context", "16", "--layers", "1", "--heads", "2", "--width", "8", "--batch", "2", "--steps", "4"],
  ...["--c", "3", "--evaluate-on", "2", "--threads", "1"],
];

/** The lines of a run's log without their times, which differ from run to run. */
export async function readLosses(out: string): Promise<Omit<StepRecord, "milliseconds">[]> {
  const lines = (await readFile(join(out, "log.jsonl"), "utf8")).trimEnd().split("\n");
  return lines.map((line) => {
    const { milliseconds: _, ...record } = JSON.parse(line) as StepRecord;
    return record;
  });
}

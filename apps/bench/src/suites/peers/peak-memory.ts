import { fork } from "node:child_process";
import { once } from "node:events";
import type { CaseName, PeerName } from "./side.ts";

/** The program of peak.ts, as it is built beside this one. */
const program = new URL("./peak.js", import.meta.url);

/**
 * MB of 2²⁰ bytes that a process takes at most which does the work of a case on one side twice, engine and libraries
 * included. Throws an `Error` where the process fails.
 */
export async function peakMegabytes(
  caseName: CaseName,
  n: number,
  side: PeerName | { readonly threads: number; readonly c: number },
): Promise<number> {
  const args = typeof side === "string" ? [side, n] : ["ours", n, side.threads, side.c];
  const child = fork(program, [caseName, ...args.map(String)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  let peak: number | undefined;
  child.on("message", (message) => {
    peak = Number(message);
  });
  const [code] = await once(child, "exit");
  if (code !== 0 || peak === undefined) {
    throw new Error(`peers: expected a peak from ${[caseName, ...args].join(" ")}, it ended with ${code}`);
  }
  return peak;
}

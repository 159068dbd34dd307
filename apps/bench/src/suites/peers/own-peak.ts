import { readFile } from "node:fs/promises";

/**
 * The most memory that this process ever had resident, in MB of 2²⁰ bytes. Linux is asked for the high-water mark of the
 * running program: what `getrusage` gives there may be that of the process which started it.
 */
export async function ownPeakMegabytes(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(kilobytes ?? process.resourceUsage().maxRSS) / 1024;
}

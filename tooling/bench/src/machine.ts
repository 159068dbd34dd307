import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** What a measurement must name to mean anything. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly runtime: string;
  /** Processes that wanted a core in the last minute, on average: above 0, something else ran as well. */
  readonly load: number;
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    runtime: `Node ${process.versions.node} (V8 ${process.versions.v8}), ${process.platform} ${process.arch}`,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

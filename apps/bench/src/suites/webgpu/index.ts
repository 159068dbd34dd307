import type { Row, Suite, SuiteOptions } from "@sus/bench-harness";
import { attention } from "./attention.ts";
import type { Case, Sizes } from "./case.ts";
import { type CeilingSizes, type Ceilings, ceilingsOf, gflops, gigabytesPerSecond } from "./ceilings.ts";
import { dense } from "./dense.ts";
import { type Effort, type KernelTime, measure } from "./measure.ts";
import { againstGpu, openTimed, type Timed } from "./open.ts";
import { sparse } from "./sparse.ts";

const cases: readonly Case[] = [...dense, ...sparse, ...attention];

/** How much work: a large GPU is to be full, and its caches small beside the tensors. */
interface Plan {
  readonly sizes: Sizes;
  readonly ceilings: CeilingSizes;
  readonly effort: Effort;
}

const plans = {
  full: {
    sizes: { tokens: 8192, width: 1024, vocabulary: 4096, sequence: 8192 },
    ceilings: { copyBytes: 2 ** 27, matmulSide: 4096 },
    effort: { rounds: 9, repeats: 5 },
  },
  quick: {
    sizes: { tokens: 2048, width: 512, vocabulary: 1024, sequence: 2048 },
    ceilings: { copyBytes: 2 ** 26, matmulSide: 2048 },
    effort: { rounds: 3, repeats: 3 },
  },
  /** To see that all of it runs. */
  software: {
    sizes: { tokens: 64, width: 32, vocabulary: 64, sequence: 160 },
    ceilings: { copyBytes: 2 ** 18, matmulSide: 64 },
    effort: { rounds: 3, repeats: 1 },
  },
} as const satisfies Record<string, Plan>;

/** Every kernel of a training step on the GPU, against what the adapter can do. */
export const suite: Suite = {
  name: "webgpu",
  minutes: 1,
  description:
    "milliseconds of every kernel by time stamps of the GPU; bytes that it has to move at least (everything it binds, " +
    "once) and its floating-point operations, a second and as shares of a large copy and of a large matrix product",
  unavailable: againstGpu,
  async *rows(options) {
    using timed = await openTimed();
    const { sizes, ceilings: ceilingSizes, effort } = planOf(timed, options);
    const { device } = timed;
    const ceilings = await ceilingsOf(device, ceilingSizes, effort);
    yield { ...identity(timed), operation: "ceilings", ...columnsOf(ceilings) };
    for (const { operation, prepare } of cases) {
      using _ = device.scope();
      for (const time of await measure(device, prepare(device, sizes), effort)) {
        yield { ...identity(timed), operation, ...figures(time, ceilings) };
      }
    }
  },
};

function planOf({ software }: Timed, { quick }: SuiteOptions): Plan {
  if (software) return plans.software;
  return quick ? plans.quick : plans.full;
}

function identity({ adapter, software, device }: Timed): Row {
  return {
    suite: "webgpu",
    adapter,
    subgroups: String(device.subgroups),
    ...(software && { note: "a software adapter: the figures mean nothing about a GPU" }),
  };
}

function columnsOf({ copy, matmul }: Ceilings): Omit<Row, "suite"> {
  return { gigabytesPerSecond: copy, gflops: matmul };
}

function figures(time: KernelTime, ceilings: Ceilings): Omit<Row, "suite"> {
  const [bandwidth, rate] = [gigabytesPerSecond(time), gflops(time)];
  return {
    kernel: time.kernel,
    calls: time.calls,
    ms: time.ms,
    megabytes: time.bytes / 1e6,
    gigabytesPerSecond: bandwidth,
    ofCopy: bandwidth / ceilings.copy,
    ...(rate !== undefined && { gflops: rate, ofMatmul: rate / ceilings.matmul }),
  };
}

import type { Failures } from "./failures.ts";
import { bufferUsage, mapRead } from "./usage.ts";

/** The most passes of a batch that are timed: a query set holds 4096 time stamps. */
const passLimit = 2048;

/** Times every kernel by time stamps of the GPU, one pass a call, and sums them by label. */
export class Stopwatch {
  readonly milliseconds: Map<string, number> = new Map();
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #queries: GPUQuerySet;
  #labels: string[] = [];

  constructor(device: GPUDevice, failures: Failures) {
    this.#device = device;
    this.#failures = failures;
    this.#queries = device.createQuerySet({ type: "timestamp", count: 2 * passLimit });
  }

  /** What a pass is begun with, to be timed. */
  start(label: string): GPUComputePassDescriptor {
    const at = 2 * this.#labels.push(label) - 2;
    return {
      label,
      timestampWrites: {
        querySet: this.#queries,
        beginningOfPassWriteIndex: at,
        endOfPassWriteIndex: at + 1,
      },
    };
  }

  /** Records the copy of a batch's time stamps; what it returns is to be called once the batch is submitted. */
  resolve(encoder: GPUCommandEncoder): (() => void) | undefined {
    const labels = this.#labels;
    if (labels.length === 0) return undefined;
    this.#labels = [];
    const size = 16 * labels.length;
    const { queryResolve, copySource, copyTarget } = bufferUsage;
    const stamps = this.#device.createBuffer({ size, usage: queryResolve | copySource });
    const staging = this.#device.createBuffer({ size, usage: bufferUsage.mapRead | copyTarget });
    encoder.resolveQuerySet(this.#queries, 0, 2 * labels.length, stamps, 0);
    encoder.copyBufferToBuffer(stamps, 0, staging, 0, size);
    return () => {
      const count = () => {
        const times = new BigUint64Array(staging.getMappedRange());
        for (const [i, label] of labels.entries()) {
          const elapsed = Number(times[2 * i + 1]! - times[2 * i]!) / 1e6;
          // Clocks that are reset between two stamps are no measurement.
          this.milliseconds.set(label, (this.milliseconds.get(label) ?? 0) + Math.max(0, elapsed));
        }
        for (const buffer of [staging, stamps]) buffer.destroy();
      };
      this.#failures.expect(staging.mapAsync(mapRead).then(count, () => undefined));
    };
  }

  destroy(): void {
    this.#queries.destroy();
  }
}

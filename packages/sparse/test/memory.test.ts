import { type DesignName, key } from "@sus/graph";
import type { Device, Tensor } from "@sus/tensor";
import { describe, expect, test } from "vitest";
import { openGpu } from "../../tensor/test/gpu.ts";
import {
  type Csr,
  csr,
  fromCoo,
  fromDense,
  sampleRows,
  sddmm,
  spmm,
  toDense,
  transpose,
  transposition,
} from "../src/index.ts";
import { denseDevices, hasWebGpu, onDevice } from "./devices.ts";
import { matrixWithRows, numbers } from "./matrices.ts";

const matrix = matrixWithRows([700, 0, 30, 5], 1000, 1);

interface Inputs {
  readonly device: Device;
  readonly sparse: Csr;
  /** [4, 1000]. */
  readonly dense: Tensor;
  /** [4, 4]. */
  readonly rows: Tensor;
  /** [1000, 4]. */
  readonly tall: Tensor;
}

const sample =
  (design: DesignName) =>
  ({ device }: Inputs) => {
    using weights = device.tensor(
      numbers(300, 4).map((x) => Math.abs(x) / 100),
      [3, 100],
    );
    return sampleRows(weights, design, 5, key(1));
  };

const operations: Readonly<Record<string, (inputs: Inputs) => Disposable>> = {
  csr: ({ device }) => csr(device, matrix),
  fromCoo: ({ device }) => fromCoo(device, { shape: [2, 2], row: [1, 1], col: [0, 0], data: [1, 2] }),
  fromDense: ({ dense }) => fromDense(dense),
  toDense: ({ sparse }) => toDense(sparse),
  share: ({ sparse }) => sparse.share(),
  withData: ({ device, sparse }) => sparse.withData(device.zeros([sparse.nnz])),
  sddmm: ({ sparse, rows, tall }) => sddmm(sparse, rows, tall),
  spmm: ({ sparse, tall }) => spmm(sparse, tall),
  transpose: ({ sparse }) => transpose(sparse),
  "transposition.apply": ({ sparse }) => {
    using sorted = transposition(sparse);
    return sorted.apply(sparse);
  },
  "sampleRows bernoulli": sample("bernoulli"),
  "sampleRows priority": sample("priority"),
  "sampleRows systematic": sample("systematic"),
};

function inputsOn(device: Device): Inputs {
  return {
    device,
    sparse: csr(device, matrix),
    dense: device.tensor(numbers(4000, 2), [4, 1000]),
    rows: device.tensor(numbers(16, 4), [4, 4]),
    tall: device.tensor(numbers(4000, 3), [1000, 4]),
  };
}

describe.each(denseDevices)("on $name", (way) => {
  test.each(Object.entries(operations))("%s leaves nothing behind once its result is disposed", (_, run) =>
    onDevice(way, async (device) => {
      const inputs = inputsOn(device);
      // Threads take their stacks when they first run.
      run(inputs)[Symbol.dispose]();
      const { used } = device.memory;
      run(inputs)[Symbol.dispose]();
      expect(device.memory.used).toBe(used);
    }),
  );
});

test.runIf(hasWebGpu).each(Object.entries(operations))(
  "%s leaves nothing behind on a GPU where memory runs out",
  async (_, run) => {
    using roomy = await openGpu();
    inputsOn(roomy);
    for (const spare of [0, 256, 1024, 4096, 8192, 16384]) {
      using device = await openGpu({ memoryBytes: roomy.memory.used + spare });
      const inputs = inputsOn(device);
      const { used } = device.memory;
      try {
        run(inputs)[Symbol.dispose]();
      } catch (error) {
        expect(String(error)).toContain("out of memory");
      }
      expect(device.memory.used).toBe(used);
    }
  },
);

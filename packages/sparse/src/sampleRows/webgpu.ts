import type { DesignName, Key } from "@sus/graph";
import { type Tensor, type WebGpuDevice, wgsl } from "@sus/tensor";
import type { Csr } from "../csr/csr.ts";
import { checkKernel, countKernel, fillKernel, type Selection, select } from "../webgpu/select/index.ts";
import bernoulliText from "./bernoulli.wgsl?text";
import isWeightText from "./is-weight.wgsl?text";
import positiveText from "./positive.wgsl?text";
import priorityText from "./priority.wgsl?text";
import systematicText from "./systematic.wgsl?text";
import weightsText from "./weights.wgsl?text";

const common = [wgsl.random, isWeightText, weightsText];
const check = checkKernel("sampleRowsCheck", isWeightText);

const selections: Readonly<Record<DesignName, Selection>> = {
  bernoulli: {
    count: countKernel("bernoulliCount", ...common, bernoulliText),
    fill: fillKernel("bernoulliFill", ...common, bernoulliText),
    check,
  },
  priority: {
    count: countKernel("priorityCount", ...common, positiveText),
    fill: fillKernel("priorityFill", ...common, priorityText),
    check,
    // A thread a digit of the priorities.
    threads: 256,
  },
  systematic: {
    count: countKernel("systematicCount", ...common, systematicText),
    fill: fillKernel("systematicFill", ...common, systematicText),
    check,
  },
};

export function sampleRowsWebGpu(
  device: WebGpuDevice,
  dense: Tensor,
  design: DesignName,
  c: number,
  { k0, k1 }: Key,
  capacity: number,
): Csr {
  return select(device, selections[design], dense, {
    operation: "sampleRows",
    capacity,
    draws: { budget: c, k0, k1 },
    ...(design === "priority" ? { most: Math.min(c, dense.shape[1]!) } : {}),
  });
}

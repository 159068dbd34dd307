import type { Csr } from "@sus/sparse";
import { allOrNothing, type Tensor, type WasmDevice } from "@sus/tensor";
import type { HeadSample } from "../budgets.ts";
import type { Baseline, Problem } from "../problem.ts";
import { kernels } from "./kernels.ts";
import { borrow } from "./memory.ts";
import { columnBytes, pack, rowBytes } from "./pack.ts";
import { sampleBernoulli, samplePriority, sampleSystematic } from "./sample.ts";
import { scratchBytes } from "./scratch.ts";

export interface Inputs {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly causal: boolean;
  readonly scale: number;
}

/** The forward pass ready to run: keys and values are packed, the output is there to be filled. */
export interface Pass {
  readonly device: WasmDevice;
  readonly problem: Problem;
  readonly causal: boolean;
  /** Rows of a block, which share what is read of keys and values. */
  readonly blockRows: number;
  /** Blocks of all heads: what the kernels' ranges count. */
  readonly blocks: number;
  /** β, f32 [b, hq, n], where baselines are asked for. */
  readonly beta: Tensor | undefined;
  /** The first arguments of every forward kernel. */
  readonly args: readonly number[];
}

export function forwardWasm(
  device: WasmDevice,
  problem: Problem,
  inputs: Inputs,
  sample: HeadSample | undefined,
): { out: Tensor; lse: Tensor; sample?: Csr; baseline?: Baseline } {
  const { batch, length, queryHeads, keyHeads, depth } = problem;
  return allOrNothing((own) => {
    const out = own(device.empty(inputs.q.shape));
    const lse = own(device.empty([batch, queryHeads, length]));
    const beta =
      sample?.baseline === false || sample === undefined ? undefined : own(device.empty(lse.shape));
    return borrow(device, [columnBytes(problem, keyHeads), rowBytes(problem, keyHeads)], (keys, values) => {
      pack(device, "attentionForwardPackColumns", problem, inputs.k, keyHeads, keys);
      pack(device, "attentionForwardPackRows", problem, inputs.v, keyHeads, values);
      const blockRows = rowsOfBlock(length);
      const pass: Pass = {
        device,
        problem,
        causal: inputs.causal,
        blockRows,
        beta,
        blocks: batch * queryHeads * Math.ceil(length / blockRows),
        args: [
          ...[inputs.q, out, lse].map((tensor) => device.pointer(tensor)),
          keys,
          values,
          length,
          queryHeads,
          keyHeads,
          depth,
          Number(inputs.causal),
          inputs.scale * Math.LOG2E,
          blockRows,
          beta === undefined ? 0 : device.pointer(beta),
        ],
      };
      if (sample === undefined) {
        device.run(kernels, "attentionForward", pass.blocks, pass.args, {
          scratchBytes: scratchBytes(pass),
        });
        return { out, lse };
      }
      const drawn = samplers[sample.design](pass, sample);
      clearBaselines(pass, sample.budgets);
      if (drawn.baseline === undefined || sample.baseline !== "all") return { out, lse, ...drawn };
      return { out, lse, ...drawn, baseline: { ...drawn.baseline, of: "all" } };
    });
  });
}

const samplers = {
  bernoulli: sampleBernoulli,
  priority: samplePriority,
  systematic: sampleSystematic,
} as const;

/** Where nothing is drawn nothing is left of the weights above a baseline: it has to be 0. */
function clearBaselines({ device, problem, beta }: Pass, budgets: readonly number[]): void {
  if (beta === undefined) return;
  const { length } = problem;
  const values = device.view(beta);
  for (let row = 0; row < values.length; row += length) {
    if (budgets[(row / length) % budgets.length] === 0) values.fill(0, row, row + length);
  }
}

/** Long blocks read keys and values less often, short ones spread better over threads; always whole tiles. */
function rowsOfBlock(length: number): number {
  return length <= 2048 ? 48 : 96;
}

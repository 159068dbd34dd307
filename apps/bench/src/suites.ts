import type { Suite } from "@sus/bench-harness";
import { attentionSuite } from "../../../packages/attention/src/attention/attention.bench.ts";
import { suite as sparse } from "../../../packages/sparse/src/sparse.bench.ts";
import { suite as elementwise } from "../../../packages/tensor/src/elementwise.bench.ts";
import { suite as dense } from "../../../packages/tensor/src/matmul/matmul.bench.ts";
import { suite as graph, budgets as graphBudgets } from "./suites/graph/index.ts";
import { suite as graphTraining } from "./suites/graph/training.ts";
import { suite as peers } from "./suites/peers/index.ts";
import { suite as step } from "./suites/step.ts";
import { suite as threads } from "./suites/threads.ts";
import { suite as webgpu } from "./suites/webgpu/index.ts";
import { trainedRows } from "./trained-rows.ts";

/** Every suite of `npm run bench`, in the order in which they run. */
export const suites: readonly Suite[] = [
  dense,
  elementwise,
  sparse,
  attentionSuite(trainedRows()),
  threads,
  step,
  peers,
  graph,
  graphBudgets,
  graphTraining,
  webgpu,
];

// Every operation and its pullback on WebGPU in a browser: the cases and references of the tests in Node.
import { backward, key, threefry } from "@sus/graph";
import * as ops from "../src/graph/index.ts";
import { type Device, kernel, openDevice, sizeOf, type WebGpuDevice, wgsl } from "../src/index.ts";
import { type GraphCase, graphCases } from "./graph-cases.ts";
import { dot, largestDifference, numbers, numericGradient } from "./numbers.ts";
import { type FailureReport, failures } from "./page-failures.ts";
import randomText from "./random.wgsl?text";
import { firstWrongBits } from "./random-bits.ts";

export interface PageReport {
  readonly name: string;
  readonly auto: readonly [kind: string, reason: string];
  /** The largest error of a value and of a gradient, by operation and by whether subgroups are used. */
  readonly errors: readonly (readonly [label: string, subgroups: boolean, value: number, gradient: number])[];
  /** Whether the random function gives the bits that it gives on the host. */
  readonly sameBits: boolean;
  readonly failures: FailureReport;
}

export async function run(): Promise<PageReport> {
  using auto = await openDevice("auto", { threads: 1 });
  const errors: PageReport["errors"][number][] = [];
  let name = "";
  let sameBits = true;
  for (const subgroups of [true, false]) {
    using device = (await openDevice("webgpu", { subgroups })) as WebGpuDevice;
    name ||= device.name;
    for (const operation of graphCases) {
      errors.push([operation.label, device.subgroups, ...(await errorsOf(operation, device))]);
    }
    sameBits &&= await hasGraphBits(device);
  }
  return { name, auto: [auto.kind, auto.reason], errors, sameBits, failures: await failures() };
}

async function errorsOf({ shapes, node, reference }: GraphCase, device: Device): Promise<[number, number]> {
  using _scope = device.scope();
  const inputs = shapes.map((shape, i) => numbers(sizeOf(shape), i + 1));
  const leaves = inputs.map((input, i) => ops.leaf(device.tensor(input, shapes[i]!)));
  const output = node(leaves, device);
  const value = largestDifference(await output.value.read(), reference(inputs));
  const weights = numbers(output.value.size, 9);
  const seed = device.tensor(weights, output.value.shape);
  const gradients = backward(output, seed, { space: ops.tensors });
  let gradient = 0;
  for (const [i, leaf] of leaves.entries()) {
    const loss = (at: Float64Array) => dot(reference(inputs.with(i, at as never)), weights);
    const found = await gradients.get(leaf)!.read();
    gradient = Math.max(gradient, largestDifference(found, numericGradient(loss, inputs[i]!)));
  }
  return [value, gradient];
}

async function hasGraphBits(device: WebGpuDevice): Promise<boolean> {
  const count = 1000;
  const words = Uint32Array.from({ length: 4 * count }, (_, i) => threefry(key(7), i, 1).k0);
  const out = device.empty([count, 7], "u32");
  const random = kernel("random", wgsl.random, randomText);
  device.run(random, {
    bindings: [out, device.tensor(words, [count, 4])],
    workgroups: Math.ceil(count / 64),
  });
  return firstWrongBits(words, (await out.read()) as Uint32Array<ArrayBuffer>) === -1;
}

import { expect, test } from "vitest";
import { openGpu } from "../../tensor/test/gpu.ts";
import readme from "../README.md?text";
import { sddmmReference } from "../src/sddmm/reference.ts";
import { distance } from "./accuracy.ts";
import { hasWebGpu } from "./devices.ts";
import { matrixWithRows, numbers } from "./matrices.ts";
import { gradients } from "./readme-example.ts";
import source from "./readme-example.ts?text";
import { sampledProduct } from "./readme-gpu-example.ts";
import gpuSource from "./readme-gpu-example.ts?text";

test("the examples of the README are those that run here", () => {
  expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
  expect(readme).toContain(`\`\`\`ts file=test/readme-gpu-example.ts\n${gpuSource}\`\`\``);
});

test("the example gives what its sample, [[0.75, 0, 0.5], [0.5, 0.5, 0.5]], gives by hand", async () => {
  expect(await gradients()).toEqual([
    Float32Array.of(0.59375, -0.5),
    Float32Array.of(-0.96875, 0.75, -0.5625),
    Float32Array.of(0.25, -0.5, 0),
  ]);
});

test.runIf(hasWebGpu)("the example on the caller's buffers leaves them and the device alone", async () => {
  using reader = await openGpu();
  const { device } = reader;
  const matrix = matrixWithRows([3, 0, 7, 2], 9, 1);
  const [rows, columns, k, nnz] = [4, 9, 6, 12];
  const [a, b] = [numbers(rows * k, 2), numbers(columns * k, 3)];
  // STORAGE, COPY_SRC and COPY_DST; Node has no global that names them.
  const usage = 0x80 | 0x4 | 0x8;
  const bufferOf = (data: Float32Array | Uint32Array) => {
    const size = Math.ceil(data.length / 4) * 16;
    const buffer = device.createBuffer({ size, usage });
    device.queue.writeBuffer(buffer, 0, data.slice());
    return buffer;
  };
  const buffers = {
    indptr: bufferOf(Uint32Array.from(matrix.indptr)),
    indices: bufferOf(Uint32Array.from(matrix.indices)),
    weights: bufferOf(Float32Array.from(matrix.data)),
    a: bufferOf(a),
    b: bufferOf(b),
    out: bufferOf(new Float32Array(nnz)),
  };
  for (let run = 0; run < 2; run++) {
    await sampledProduct(device, buffers, { rows, columns, k, nnz });
    const actual = await reader.wrap(buffers.out, [nnz]).read();
    const exact = sddmmReference(matrix, a, b, k, { times: matrix.data });
    expect(distance(actual, exact)).toBeLessThan(1e-6);
    device.queue.writeBuffer(buffers.out, 0, new Float32Array(nnz));
  }
  for (const buffer of Object.values(buffers)) buffer.destroy();
});

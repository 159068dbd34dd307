import { copyCeiling, interleave, type Row, type Suite, threadCounts } from "@sus/bench-harness";
import { fold, key } from "@sus/graph";
import type { Tensor } from "./index.ts";
import * as ops from "./index.ts";

// The default model's step: width 128 in 4 heads, hidden width 512, bytes as tokens.
const [tokens, width, heads, hidden, vocabulary, parameters] = [2048, 128, 4, 512, 256, 820_000];

/** An operation and the float32 numbers that it has to read and write at least. */
interface Case {
  readonly run: () => unknown;
  readonly floats: number;
}

/** The operations whose time goes into moving numbers, in bytes a second. */
export const suite: Suite = {
  name: "elementwise",
  minutes: 0.2,
  description:
    `the other operations of a training step on ${tokens} tokens, default model: GB/s that have to be read and ` +
    "written, beside those of a plain copy of as many bytes (which an operation in place can exceed)",
  async *rows(options) {
    for (const threads of threadCounts(options)) {
      using device = await ops.WasmDevice.open({ threads });
      using _ = device.scope();
      for (const [operation, { run, floats }] of Object.entries(casesOn(device))) {
        yield await measure(device, operation, run, 4 * floats, options.quick ? 10 : 50);
      }
    }
  },
};

async function measure(
  device: ops.WasmDevice,
  operation: string,
  run: () => unknown,
  bytes: number,
  rounds: number,
): Promise<Row> {
  using ceiling = copyCeiling(device, Math.ceil(bytes / 32) * 16);
  const case_ = () => {
    using _ = device.scope();
    run();
  };
  const milliseconds = await interleave({ ceiling: ceiling.run, case_ }, { rounds });
  const [gigabytes, ceilingGigabytes] = [
    bytes / milliseconds.case_ / 1e6,
    ceiling.rate(milliseconds.ceiling),
  ];
  return {
    suite: "elementwise",
    operation,
    megabytes: bytes / 1e6,
    threads: device.threads,
    ms: milliseconds.case_,
    gigabytesPerSecond: gigabytes,
    copyGigabytesPerSecond: ceilingGigabytes,
    ofCopy: gigabytes / ceilingGigabytes,
  };
}

function casesOn(device: ops.WasmDevice): Readonly<Record<string, Case>> {
  let streams = 0;
  const normal = (...shape: number[]): Tensor => ops.randomNormal(device, shape, fold(key(2), streams++));
  const below = (limit: number) =>
    device.tensor(
      Uint32Array.from({ length: tokens }, (_, i) => (i * 7919) % limit),
      [tokens],
    );
  const [x, y, gain, bias] = [normal(tokens, width), normal(tokens, width), normal(width), normal(width)];
  const [h, dh, dh2, hiddenBias] = [
    normal(tokens, hidden),
    normal(tokens, hidden),
    normal(tokens, hidden),
    normal(hidden),
  ];
  const rotated = normal(1, tokens, heads, width / heads);
  const [table, ids] = [normal(vocabulary, width), below(vocabulary)];
  const logits = normal(tokens, vocabulary);
  const [parameter, gradient, m, v] = [parameters, parameters, parameters, parameters].map((size) =>
    normal(size),
  ) as [Tensor, Tensor, Tensor, Tensor];
  ops.scale(v, 0, { out: v });
  const rms = ops.rmsNorm(x, gain);
  const layer = ops.layerNorm(x, gain, bias);
  const ofX = (floats: number) => floats * tokens * width;
  const ofHidden = (floats: number) => floats * tokens * hidden;
  return {
    add: { run: () => ops.add(x, y), floats: ofX(3) },
    scale: { run: () => ops.scale(x, 0.5), floats: ofX(2) },
    addBias: { run: () => ops.addBias(h, hiddenBias), floats: ofHidden(2) },
    sumRows: { run: () => ops.sumRows(h), floats: ofHidden(1) },
    gelu: { run: () => ops.gelu(h), floats: ofHidden(2) },
    geluBackward: { run: () => ops.geluBackward(h, dh), floats: ofHidden(3) },
    swiglu: { run: () => ops.swiglu(h, dh), floats: ofHidden(3) },
    swigluBackward: { run: () => ops.swigluBackward(h, dh, dh2), floats: ofHidden(5) },
    rmsNorm: { run: () => ops.rmsNorm(x, gain), floats: ofX(2) },
    rmsNormBackward: { run: () => ops.rmsNormBackward(x, gain, rms.rstd, y), floats: ofX(3) },
    layerNorm: { run: () => ops.layerNorm(x, gain, bias), floats: ofX(2) },
    layerNormBackward: { run: () => ops.layerNormBackward(x, gain, layer, y), floats: ofX(3) },
    rotary: { run: () => ops.rotary(rotated), floats: ofX(2) },
    embedding: { run: () => ops.embedding(table, ids), floats: ofX(2) },
    embeddingBackward: {
      run: () => ops.embeddingBackward(ids, y, vocabulary),
      floats: ofX(1) + vocabulary * width,
    },
    softmaxCrossEntropy: { run: () => ops.softmaxCrossEntropy(logits, ids), floats: 2 * tokens * vocabulary },
    clipByGlobalNorm: { run: () => ops.clipByGlobalNorm([gradient], 1), floats: 3 * parameters },
    adamw: {
      run: () => ops.adamw({ parameter, gradient, m, v }, { step: 1, learningRate: 1e-3 }),
      floats: 7 * parameters,
    },
  };
}

import {
  arithmeticCeiling,
  type Ceiling,
  interleave,
  type Row,
  type Suite,
  threadCounts,
} from "@sus/bench-harness";
import { fold, key } from "@sus/graph";
import { matmul, randomNormal, WasmDevice } from "../index.ts";

const tokens = 2048;
const vocabulary = 256;
const modelWidths = { default: 128, wide: 512 } as const;

/** A weight matrix of a transformer, [k, n], or [n, k] where it is stored transposed. */
interface Product {
  readonly product: string;
  readonly k: number;
  readonly n: number;
  readonly transposed?: boolean;
}

/** The matrix products of a transformer's training step, forward and backward, against what the engine can do. */
export const suite: Suite = {
  name: "dense",
  minutes: 0.5,
  description:
    `the products of a training step on ${tokens} tokens, default model (width 128) and wide one (width 512): ` +
    "GFLOP/s, and the share of those of a multiply-add loop in registers",
  async *rows(options) {
    const rounds = options.quick ? 3 : 15;
    for (const threads of threadCounts(options)) {
      using device = await WasmDevice.open({ threads });
      using ceiling = arithmeticCeiling(device);
      for (const model of options.quick ? (["default"] as const) : (["default", "wide"] as const)) {
        for (const product of productsOf(modelWidths[model])) {
          for (const row of await measure(device, ceiling, product, rounds))
            yield { suite: "dense", model, ...row };
        }
      }
    }
  },
};

/** Every different product of a model; a layer has four of the first. */
function productsOf(width: number): readonly Product[] {
  return [
    { product: "query, key, value, output", k: width, n: width },
    { product: "MLP up", k: width, n: 4 * width },
    { product: "MLP down", k: 4 * width, n: width },
    { product: "logits", k: width, n: vocabulary, transposed: true },
  ];
}

/** The product `y = x · w` and the two of its backward pass, each as a product [m, k] · [k, n]. */
async function measure(
  device: WasmDevice,
  ceiling: Ceiling,
  { product, k, n, transposed = false }: Product,
  rounds: number,
): Promise<Omit<Row, "suite">[]> {
  using _ = device.scope();
  const normal = (stream: number, shape: readonly number[]) =>
    randomNormal(device, shape, fold(key(1), stream));
  const weightShape = transposed ? [n, k] : [k, n];
  const [x, w, dy] = [normal(1, [tokens, k]), normal(2, weightShape), normal(3, [tokens, n])];
  const [y, dx, dw] = [device.zeros([tokens, n]), device.zeros([tokens, k]), device.zeros(weightShape)];
  const milliseconds = await interleave(
    {
      ceiling: ceiling.run,
      forward: () => void matmul(x, w, { transposeB: transposed, out: y }),
      dX: () => void matmul(dy, w, { transposeB: !transposed, out: dx }),
      dW: () =>
        void (transposed
          ? matmul(dy, x, { transposeA: true, out: dw })
          : matmul(x, dy, { transposeA: true, out: dw })),
    },
    { rounds },
  );
  const ceilingGflops = ceiling.rate(milliseconds.ceiling);
  const sizes = {
    forward: [tokens, n, k],
    dX: [tokens, k, n],
    dW: [...weightShape, tokens],
  } as const;
  return (["forward", "dX", "dW"] as const).map((pass) => {
    const [rows, columns, depth] = sizes[pass] as readonly [number, number, number];
    const gflops = (2 * rows * columns * depth) / milliseconds[pass] / 1e6;
    return {
      product,
      pass,
      m: rows,
      n: columns,
      k: depth,
      threads: device.threads,
      ms: milliseconds[pass],
      gflops,
      ceilingGflops,
      share: gflops / ceilingGflops,
    };
  });
}

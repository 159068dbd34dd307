import * as ops from "@sus/tensor";
import type { Case } from "./case.ts";
import { indicesBelow, uniformOn } from "./uniform.ts";

const headWidth = 16;

/** Matrix products of an MLP, forward and backward: [m, k] · [k, n] of each kind of transposition, and a thin one. */
const products: readonly Case[] = [
  product("matmul, x W", ({ tokens, width }) => [tokens, 4 * width, width], {}),
  product("matmul, dY Wᵀ", ({ tokens, width }) => [tokens, width, 4 * width], { transposeB: true }),
  product("matmul, xᵀ dY", ({ tokens, width }) => [width, 4 * width, tokens], { transposeA: true }),
  product("matmul, one row", ({ width }) => [1, 4 * width, width], {}),
];

function product(
  operation: string,
  shapeOf: (sizes: Parameters<Case["prepare"]>[1]) => readonly [m: number, n: number, k: number],
  options: { readonly transposeA?: boolean; readonly transposeB?: boolean },
): Case {
  return {
    operation,
    prepare: (device, sizes) => {
      const [m, n, k] = shapeOf(sizes);
      const a = options.transposeA ? uniformOn(device, k, m) : uniformOn(device, m, k);
      const b = options.transposeB ? uniformOn(device, n, k) : uniformOn(device, k, n);
      return { run: () => ops.matmul(a, b, options), flops: { matmul: 2 * m * n * k } };
    },
  };
}

/** Operations whose time goes into moving numbers. Their FLOPs are those of docs/gpu-costs.md. */
export const dense: readonly Case[] = [
  ...products,
  {
    operation: "add",
    prepare: (device, { tokens, width }) => {
      const [x, y] = [uniformOn(device, tokens, width), uniformOn(device, tokens, width)];
      return { run: () => ops.add(x, y), flops: { add: x.size } };
    },
  },
  {
    operation: "scale",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, tokens, width);
      return { run: () => ops.scale(x, 0.5), flops: { scale: x.size } };
    },
  },
  {
    operation: "addBias",
    prepare: (device, { tokens, width }) => {
      const [x, bias] = [uniformOn(device, tokens, 4 * width), uniformOn(device, 4 * width)];
      return { run: () => ops.addBias(x, bias), flops: { addBias: x.size } };
    },
  },
  {
    operation: "sumRows",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, tokens, 4 * width);
      return { run: () => ops.sumRows(x), flops: { sumRows: x.size } };
    },
  },
  {
    operation: "gelu",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, tokens, 4 * width);
      return { run: () => ops.gelu(x), flops: { gelu: 30 * x.size } };
    },
  },
  {
    operation: "geluBackward",
    prepare: (device, { tokens, width }) => {
      const [x, dOut] = [uniformOn(device, tokens, 4 * width), uniformOn(device, tokens, 4 * width)];
      return { run: () => ops.geluBackward(x, dOut), flops: { geluBackward: 37 * x.size } };
    },
  },
  {
    operation: "swiglu",
    prepare: (device, { tokens, width }) => {
      const [gate, up] = [uniformOn(device, tokens, 4 * width), uniformOn(device, tokens, 4 * width)];
      return { run: () => ops.swiglu(gate, up), flops: { swiglu: 27 * gate.size } };
    },
  },
  {
    operation: "swigluBackward",
    prepare: (device, { tokens, width }) => {
      const [gate, up, dOut] = [0, 1, 2].map(() => uniformOn(device, tokens, 4 * width)) as [
        ops.Tensor,
        ops.Tensor,
        ops.Tensor,
      ];
      const run = () => ops.swigluBackward(gate, up, dOut);
      return { run, flops: { swigluBackward: 33 * gate.size } };
    },
  },
  {
    operation: "rmsNorm",
    prepare: (device, { tokens, width }) => {
      const [x, gain] = [uniformOn(device, tokens, width), uniformOn(device, width)];
      return { run: () => ops.rmsNorm(x, gain), flops: { rmsNorm: 4 * x.size } };
    },
  },
  {
    operation: "rmsNormBackward",
    prepare: (device, { tokens, width }) => {
      const [x, dOut] = [uniformOn(device, tokens, width), uniformOn(device, tokens, width)];
      const gain = uniformOn(device, width);
      const { rstd } = ops.rmsNorm(x, gain);
      return {
        run: () => ops.rmsNormBackward(x, gain, rstd, dOut),
        flops: { rmsNormBackward: 9 * x.size, gainGradient: 3 * x.size },
      };
    },
  },
  {
    operation: "layerNorm",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, tokens, width);
      const [gain, bias] = [uniformOn(device, width), uniformOn(device, width)];
      return { run: () => ops.layerNorm(x, gain, bias), flops: { layerNorm: 8 * x.size } };
    },
  },
  {
    operation: "layerNormBackward",
    prepare: (device, { tokens, width }) => {
      const [x, dOut] = [uniformOn(device, tokens, width), uniformOn(device, tokens, width)];
      const [gain, bias] = [uniformOn(device, width), uniformOn(device, width)];
      const statistics = ops.layerNorm(x, gain, bias);
      return {
        run: () => ops.layerNormBackward(x, gain, statistics, dOut),
        flops: { layerNormBackward: 13 * x.size, gainGradient: 4 * x.size, sumRows: x.size },
      };
    },
  },
  {
    operation: "rotary",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, 1, tokens, width / headWidth, headWidth);
      return { run: () => ops.rotary(x), flops: { rotary: 6 * x.size } };
    },
  },
  {
    operation: "embedding",
    prepare: (device, { tokens, width, vocabulary }) => {
      const table = uniformOn(device, vocabulary, width);
      const ids = indicesBelow(device, tokens, vocabulary);
      return { run: () => ops.embedding(table, ids), flops: {} };
    },
  },
  {
    operation: "embeddingBackward",
    prepare: (device, { tokens, width, vocabulary }) => {
      const dOut = uniformOn(device, tokens, width);
      const ids = indicesBelow(device, tokens, vocabulary);
      return {
        run: () => ops.embeddingBackward(ids, dOut, vocabulary),
        flops: { embeddingBackward: dOut.size },
      };
    },
  },
  {
    operation: "gatherRows",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, tokens, width);
      const indices = indicesBelow(device, tokens, tokens);
      return { run: () => ops.gatherRows(x, indices), flops: { gatherRows: x.size } };
    },
  },
  {
    operation: "rowNorms",
    prepare: (device, { tokens, width }) => {
      const x = uniformOn(device, tokens, width);
      return { run: () => ops.rowNorms(x), flops: { rowNorms: 4 * x.size } };
    },
  },
  {
    operation: "softmaxCrossEntropy",
    prepare: (device, { tokens, vocabulary }) => {
      const logits = uniformOn(device, tokens, vocabulary);
      const targets = indicesBelow(device, tokens, vocabulary);
      return {
        run: () => ops.softmaxCrossEntropy(logits, targets),
        flops: { crossEntropy: 52 * logits.size },
      };
    },
  },
  {
    operation: "clipByGlobalNorm",
    prepare: (device, { tokens, width }) => {
      const gradient = uniformOn(device, tokens, width);
      // So small that every call scales.
      let maxNorm = 1;
      const run = () => {
        maxNorm *= 0.99;
        return ops.clipByGlobalNorm([gradient], maxNorm);
      };
      return { run, flops: { sumSquares: 4 * gradient.size, clip: gradient.size } };
    },
  },
  {
    operation: "adamw",
    prepare: (device, { tokens, width }) => {
      const [parameter, gradient] = [uniformOn(device, tokens, width), uniformOn(device, tokens, width)];
      const [m, v] = [device.zeros([tokens, width]), device.zeros([tokens, width])];
      const state = { parameter, gradient, m, v };
      const run = () => ops.adamw(state, { step: 1, learningRate: 1e-3 });
      return { run, flops: { adamw: 14 * parameter.size } };
    },
  },
  {
    operation: "randomUniform",
    prepare: (device, { tokens, width }) => {
      return { run: () => uniformOn(device, tokens, width), flops: {} };
    },
  },
];

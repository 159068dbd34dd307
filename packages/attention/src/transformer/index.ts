import { fold, type Key, type Node } from "@sus/graph";
import type { Csr } from "@sus/sparse";
import { type Device, expectType, ShapeError, type Tensor } from "@sus/tensor";
import * as ops from "@sus/tensor/graph";
import { exactHeadsOf, type HeadBudgets } from "../attention/budgets.ts";
import { type AttentionEstimator, type AttentionNodeOptions, attention } from "../attention/node.ts";
import { type ResolvedConfig, resolveConfig, type TransformerConfig } from "./config.ts";
import { initialise } from "./initialise.ts";

/**
 * How the backward pass of every attention layer is estimated. Lists give each layer a `c` of its own or a key of its own;
 * otherwise a layer's key is `key` folded with its number.
 */
export type Estimator =
  | Extract<AttentionEstimator, { readonly c: "all" }>
  | (Omit<SampledEstimator, "c" | "key"> & {
      readonly c: number | readonly LayerBudget[];
      readonly key: Key | readonly Key[];
    });

/** The budget of a layer: of all its query heads or, in a list, of each; "all" makes the layer, or a head, exact. */
export type LayerBudget = HeadBudgets | "all";

type SampledEstimator = Exclude<AttentionEstimator, { readonly c: "all" }>;

/** What the attention layers of one forward pass kept for the backward pass. */
export interface Kept {
  /**
   * Weights a row, for each layer that is sampled; with two stages, after the backward pass, those that the second one
   * kept. An exact head among sampled ones keeps all that its rows see. A GPU has to be asked, so call it while the samples
   * live.
   */
  perRow(): Promise<readonly number[]>;
  /** The same for each query head of these layers; with two stages what the first one kept. */
  perHead(): Promise<readonly (readonly number[])[]>;
}

export interface Loss {
  /** Mean cross-entropy, nats a token, shape [1]. */
  readonly loss: Node<Tensor>;
  /** The parameters as leaves of the graph, by name: where `backward` delivers their gradients. */
  readonly leaves: ReadonlyMap<string, Node<Tensor>>;
  /** No layer's with `c: "all"`. */
  readonly kept: Kept;
}

export interface LossOptions {
  /**
   * Compute the MLPs a second time in the backward pass instead of holding what is inside them: about a third less
   * memory in a deep model, for the time of their forward pass. The same bits either way. Default: false.
   */
  readonly recompute?: boolean;
  /** Told of the sample that each attention layer drew, which it borrows. */
  readonly onSample?: (sample: Csr, layer: number) => void;
}

type Leaves = ReadonlyMap<string, Node<Tensor>>;

/**
 * A decoder-only transformer: pre-norm blocks of causal attention and an MLP, tied embeddings.
 *
 *     x ← x + attention(norm(x)) · O        x ← x + mlp(norm(x))        logits = norm(x) · Eᵀ
 *
 * Each pass builds a graph of `@sus/graph`: open a `device.scope()` around it and around `backward`, which frees the
 * activations in the end. The parameters belong to the transformer; dispose it to free them.
 */
export class Transformer implements Disposable {
  readonly device: Device;
  readonly config: ResolvedConfig;
  readonly parameters: ReadonlyMap<string, Tensor>;

  constructor(device: Device, config: ResolvedConfig, parameters: ReadonlyMap<string, Tensor>) {
    this.device = device;
    this.config = config;
    this.parameters = parameters;
  }

  /** The scores of the next token, shape [batch · length, vocabulary]. `tokens` is u32 [batch, length]. */
  logits(tokens: Tensor): Node<Tensor> {
    return this.#forward(tokens, this.#leaves(), { c: "all" }, {}).logits;
  }

  /**
   * The mean cross-entropy of predicting `targets` from `tokens`, both u32 [batch, length], and the graph to
   * differentiate it. The forward pass is exact whatever the estimator.
   */
  loss(tokens: Tensor, targets: Tensor, estimator: Estimator, options: LossOptions = {}): Loss {
    const leaves = this.#leaves();
    const { logits, kept } = this.#forward(tokens, leaves, estimator, options);
    const flat = targets.reshape([targets.size]);
    return { loss: ops.softmaxCrossEntropy(logits, flat), leaves, kept };
  }

  [Symbol.dispose](): void {
    for (const tensor of this.parameters.values()) tensor[Symbol.dispose]();
  }

  #leaves(): Leaves {
    return new Map([...this.parameters].map(([name, tensor]) => [name, ops.leaf(tensor)]));
  }

  #forward(
    tokens: Tensor,
    leaves: Leaves,
    estimator: Estimator,
    { recompute = false, onSample }: LossOptions,
  ): { logits: Node<Tensor>; kept: Kept } {
    const [batch, length] = this.#expectTokens(tokens);
    const shape: Shape = { batch, length };
    const estimators = byLayer(estimator, this.config.layers);
    const samples: LayerSample[] = [];
    const embedding = parameter(leaves, "embedding");
    let x = ops.embedding(embedding, tokens.reshape([tokens.size]));
    if (this.config.positions === "learned") {
      x = ops.add(x, ops.embedding(parameter(leaves, "positions"), this.#positions(shape)));
    }
    for (let layer = 0; layer < this.config.layers; layer++) {
      const block = new Block(this.config, leaves, `layers.${layer}`);
      let drawn: LayerSample | undefined;
      const watch: Watch = {
        onSample: (sample) => {
          drawn = { sample, exactHeads: exactHeadsOf(estimators[layer]!.c), heads: this.config.heads };
          samples.push(drawn);
          onSample?.(sample, layer);
        },
        onThinned: (entries) => {
          if (drawn !== undefined) drawn.thinned = entries;
        },
      };
      x = ops.add(x, block.attention(x, shape, estimators[layer]!, watch));
      x = ops.add(x, recompute ? block.recomputedMlp(x) : block.mlp(x));
    }
    const logits = ops.matmul(norm(this.config, leaves, "norm", x), embedding, { transposeB: true });
    return { logits, kept: keptOf(samples) };
  }

  #expectTokens(tokens: Tensor): [batch: number, length: number] {
    expectType("transformer", "tokens", tokens, "u32");
    const [batch, length] = tokens.shape;
    if (batch === undefined || length === undefined || tokens.shape.length !== 2) {
      throw new ShapeError(
        `transformer: expected tokens of shape [batch, length], got [${tokens.shape.join(", ")}]`,
      );
    }
    if (this.config.positions === "learned" && length > this.config.context) {
      throw new ShapeError(
        `transformer: expected at most ${this.config.context} tokens (the learned positions), got ${length}`,
      );
    }
    return [batch, length];
  }

  #positions({ batch, length }: Shape): Tensor {
    const positions = Uint32Array.from({ length: batch * length }, (_, i) => i % length);
    return this.device.tensor(positions, [batch * length]);
  }
}

/** A transformer with fresh weights drawn from `key`. Throws `ShapeError` where the configuration does not fit. */
export function transformer(device: Device, config: TransformerConfig, key: Key): Transformer {
  const resolved = resolveConfig(config);
  return new Transformer(device, resolved, initialise(device, resolved, key));
}

/** What one layer drew, and how much of it its backward pass went on with, where that draws again. */
interface LayerSample {
  readonly sample: Csr;
  readonly heads: number;
  readonly exactHeads: readonly number[];
  thinned?: number | Tensor;
}

type Watch = Pick<Required<AttentionNodeOptions>, "onSample" | "onThinned">;

function keptOf(samples: readonly LayerSample[]): Kept {
  const countOf = async ({ sample, thinned }: LayerSample) => {
    if (thinned === undefined) return sample.count();
    return typeof thinned === "number" ? thinned : (await thinned.read())[0]!;
  };
  const perRow = async (layer: LayerSample) => {
    const { sample, heads, exactHeads } = layer;
    return (await countOf(layer)) / sample.shape[0] + (exactHeads.length / heads) * seenPerRow(sample);
  };
  return {
    perRow: () => Promise.all(samples.map(perRow)),
    perHead: () => Promise.all(samples.map(perHeadOf)),
  };
}

/** Entries a row by query head, over all batches, in the first stage of a sample. */
async function perHeadOf({ sample, heads, exactHeads }: LayerSample): Promise<number[]> {
  const [rows, length] = sample.shape;
  const indptr = await sample.indptr.read();
  const kept = new Array<number>(heads).fill(0);
  for (let first = 0; first < rows; first += length) {
    kept[(first / length) % heads]! += ((indptr[first + length]! - indptr[first]!) * heads) / rows;
  }
  for (const head of exactHeads) kept[head] = seenPerRow(sample);
  return kept;
}

/** How many keys a causal row sees, on average. */
function seenPerRow({ shape: [, length] }: Csr): number {
  return (length + 1) / 2;
}

interface Shape {
  readonly batch: number;
  readonly length: number;
}

/** One layer's two sublayers, on a residual stream of shape [batch · length, width]. */
class Block {
  readonly #config: ResolvedConfig;
  readonly #leaves: Leaves;
  readonly #at: string;

  constructor(config: ResolvedConfig, leaves: Leaves, at: string) {
    this.#config = config;
    this.#leaves = leaves;
    this.#at = at;
  }

  attention(x: Node<Tensor>, shape: Shape, estimator: AttentionEstimator, watch: Watch): Node<Tensor> {
    const { heads, keyValueHeads, headWidth, positions, width } = this.#config;
    const normed = norm(this.#config, this.#leaves, `${this.#at}.attention.norm`, x);
    const project = (name: string, count: number) => {
      const flat = this.#matmul(normed, `attention.${name}`);
      return ops.reshape(flat, [shape.batch, shape.length, count, headWidth]);
    };
    const rotate = (node: Node<Tensor>) => (positions === "rotary" ? ops.rotary(node) : node);
    const query = rotate(project("query", heads));
    const key = rotate(project("key", keyValueHeads));
    const value = project("value", keyValueHeads);
    const mixed = attention(query, key, value, { ...estimator, causal: true, ...watch });
    return this.#matmul(ops.reshape(mixed, [shape.batch * shape.length, width]), "attention.output");
  }

  mlp(x: Node<Tensor>): Node<Tensor> {
    const normed = norm(this.#config, this.#leaves, `${this.#at}.mlp.norm`, x);
    const up = this.#matmul(normed, "mlp.up");
    const hidden =
      this.#config.activation === "swiglu"
        ? ops.swiglu(this.#matmul(normed, "mlp.gate"), up)
        : ops.gelu(ops.addBias(up, parameter(this.#leaves, `${this.#at}.mlp.bias`)));
    return this.#matmul(hidden, "mlp.down");
  }

  /** `mlp` as one edge of the graph, with nothing of its inside held. */
  recomputedMlp(x: Node<Tensor>): Node<Tensor> {
    const names = [...this.#leaves.keys()].filter((name) => name.startsWith(`${this.#at}.mlp.`));
    const parents = [x, ...names.map((name) => parameter(this.#leaves, name))];
    return ops.recompute("mlp", parents, ([start, ...nodes]) => {
      const leaves = new Map(names.map((name, i) => [name, nodes[i]!]));
      return new Block(this.#config, leaves, this.#at).mlp(start!);
    });
  }

  #matmul(x: Node<Tensor>, name: string): Node<Tensor> {
    return ops.matmul(x, parameter(this.#leaves, `${this.#at}.${name}`));
  }
}

function norm(config: ResolvedConfig, leaves: Leaves, name: string, x: Node<Tensor>): Node<Tensor> {
  const gain = parameter(leaves, `${name}.gain`);
  return config.norm === "rms"
    ? ops.rmsNorm(x, gain)
    : ops.layerNorm(x, gain, parameter(leaves, `${name}.bias`));
}

function parameter(leaves: Leaves, name: string): Node<Tensor> {
  const leaf = leaves.get(name);
  if (leaf === undefined) throw new ShapeError(`transformer: no parameter is called ${name}`);
  return leaf;
}

/** Each layer's estimator, with its own stream of random numbers and its own budget. */
function byLayer(estimator: Estimator, layers: number): readonly AttentionEstimator[] {
  if (estimator.c === "all") return new Array<AttentionEstimator>(layers).fill({ c: "all" });
  const { c, key, ...rest } = estimator;
  const budgets = typeof c === "number" ? new Array<LayerBudget>(layers).fill(c) : c;
  const keys = "k0" in key ? budgets.map((_, layer) => fold(key, layer)) : key;
  for (const [name, list] of Object.entries({ c: budgets, key: keys })) {
    if (list.length === layers) continue;
    throw new ShapeError(`transformer: expected ${name} for each of ${layers} layers, got ${list.length}`);
  }
  return budgets.map((budget, layer) =>
    budget === "all" ? { c: budget } : { ...rest, c: budget, key: keys[layer]! },
  );
}

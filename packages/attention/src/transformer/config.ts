import { ShapeError } from "@sus/tensor";

/** The shape of a decoder-only transformer. */
export interface TransformerConfig {
  /** Number of tokens in the vocabulary. */
  readonly vocabulary: number;
  /** The longest sequence; with rotary positions only a default for callers. */
  readonly context: number;
  readonly layers: number;
  /** Query heads a layer; `width` is a multiple of it. */
  readonly heads: number;
  /** Key and value heads a layer, a divisor of `heads` (grouped-query attention). Default: `heads`. */
  readonly keyValueHeads?: number;
  /** Width of the residual stream. */
  readonly width: number;
  /** Width of the hidden layer of the MLP. Default: 4 · width, or 8/3 · width for SwiGLU (as many weights). */
  readonly hidden?: number;
  readonly positions?: "rotary" | "learned";
  readonly activation?: "gelu" | "swiglu";
  readonly norm?: "rms" | "layer";
}

export type ResolvedConfig = Required<TransformerConfig> & {
  /** Width of one head: width / heads. */
  readonly headWidth: number;
};

function expectWhole(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new ShapeError(`transformer: expected ${name} to be a whole number of at least 1, got ${value}`);
  }
}

function expectMultiple(name: string, value: number, of: string, divisor: number): void {
  if (value % divisor !== 0) {
    throw new ShapeError(
      `transformer: expected ${name} to be a multiple of ${of} (${divisor}), got ${value}`,
    );
  }
}

function expectOneOf(name: string, value: string, choices: readonly string[]): void {
  if (!choices.includes(value)) {
    throw new ShapeError(`transformer: expected ${name} to be one of ${choices.join(", ")}, got ${value}`);
  }
}

/** Fills in the defaults. Throws `ShapeError`, naming the field, where the numbers do not fit together. */
export function resolveConfig(config: TransformerConfig): ResolvedConfig {
  const { activation = "gelu", heads, width } = config;
  const resolved = {
    ...config,
    keyValueHeads: config.keyValueHeads ?? heads,
    hidden: config.hidden ?? defaultHidden(width, activation),
    positions: config.positions ?? "rotary",
    activation,
    norm: config.norm ?? "rms",
    headWidth: width / heads,
  } as const;
  for (const name of [
    "vocabulary",
    "context",
    "layers",
    "heads",
    "keyValueHeads",
    "width",
    "hidden",
  ] as const) {
    expectWhole(name, resolved[name]);
  }
  expectMultiple("width", width, "heads", heads);
  expectMultiple("heads", heads, "keyValueHeads", resolved.keyValueHeads);
  expectOneOf("positions", resolved.positions, ["rotary", "learned"]);
  expectOneOf("activation", activation, ["gelu", "swiglu"]);
  expectOneOf("norm", resolved.norm, ["rms", "layer"]);
  if (resolved.positions === "rotary" && resolved.headWidth % 2 !== 0) {
    throw new ShapeError(
      `transformer: expected an even head width for rotary positions, got ${resolved.headWidth} (width ${width} / heads ${heads})`,
    );
  }
  return resolved;
}

/** SwiGLU has three matrices where GELU has two: two thirds of the hidden width, in whole vectors of 8. */
function defaultHidden(width: number, activation: string): number {
  return activation === "swiglu" ? Math.ceil((8 * width) / 3 / 8) * 8 : 4 * width;
}

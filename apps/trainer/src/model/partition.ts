import { parameterSpecs, type ResolvedConfig } from "@sus/attention";
import { sizeOf } from "@sus/tensor";

/** What a parameter is for. */
export type Part = "embedding" | "query" | "key" | "value" | "output" | "mlp" | "norms";

/** A rectangle of one parameter: element (r, c) is number `offset + r·stride + c` of all parameters in a row. */
export interface Block {
  readonly part: Part;
  /** Null: of no layer. */
  readonly layer: number | null;
  /** Null: of all heads or none. Keys and values count their own heads. */
  readonly head: number | null;
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
}

/** Parameters that are judged together: all, a part, a layer, a layer's part, a head, or a head's part. */
export interface Group {
  /** "all", "query", "layers.0", "layers.0.query", "layers.0.heads.1", "layers.0.query.heads.1". */
  readonly name: string;
  readonly part: Part | null;
  readonly layer: number | null;
  readonly head: number | null;
  /** Numbers of its blocks. */
  readonly blocks: readonly number[];
}

/** All parameters of a model as one vector, cut into blocks, every number in one of them; groups overlap. */
export interface Partition {
  readonly size: number;
  readonly blocks: readonly Block[];
  readonly groups: readonly Group[];
}

/** The partition of a model's parameters in the order of `parameterSpecs`. */
export function partition(config: ResolvedConfig): Partition {
  const blocks: Block[] = [];
  let offset = 0;
  for (const { name, shape } of parameterSpecs(config)) {
    blocks.push(...blocksOf(config, name, shape, offset));
    offset += sizeOf(shape);
  }
  return { size: offset, blocks, groups: groupsOf(config, blocks) };
}

function blocksOf(config: ResolvedConfig, name: string, shape: readonly number[], offset: number): Block[] {
  const [rows, columns] = shape.length === 2 ? [shape[0]!, shape[1]!] : [1, shape[0]!];
  const layer = /^layers\.(\d+)\./.exec(name)?.[1];
  const part = partOf(name);
  const whole: Block = {
    ...{ part, layer: layer === undefined ? null : Number(layer), head: null },
    ...{ offset, rows, columns, stride: columns },
  };
  const { heads, keyValueHeads, headWidth } = config;
  const split = (count: number, piece: (head: number) => Partial<Block>) =>
    Array.from({ length: count }, (_, head) => ({ ...whole, head, ...piece(head) }));
  if (part === "output") {
    // Its rows are what the heads bring.
    return split(heads, (head) => ({ offset: offset + head * headWidth * columns, rows: headWidth }));
  }
  if (part === "query" || part === "key" || part === "value") {
    const count = part === "query" ? heads : keyValueHeads;
    return split(count, (head) => ({ offset: offset + head * headWidth, columns: headWidth }));
  }
  return [whole];
}

function partOf(name: string): Part {
  const attention = /\.attention\.(query|key|value|output)$/.exec(name)?.[1];
  if (attention !== undefined) return attention as Part;
  if (/(^|\.)norm\.(gain|bias)$/.test(name)) return "norms";
  return name.includes(".mlp.") ? "mlp" : "embedding";
}

function groupsOf({ layers, heads, keyValueHeads }: ResolvedConfig, blocks: readonly Block[]): Group[] {
  const group = (name: string, at: Partial<Pick<Block, "part" | "layer" | "head">>): Group => {
    const { part = null, layer = null, head = null } = at;
    const fits = (block: Block) =>
      (part === null || block.part === part) &&
      (layer === null || block.layer === layer) &&
      // Keys and values that several query heads share belong to no single head.
      (head === null ||
        (block.head === head && (part !== null || heads === keyValueHeads || ownHead(block))));
    return { name, part, layer, head, blocks: [...blocks.keys()].filter((i) => fits(blocks[i]!)) };
  };
  const range = (count: number) => [...Array(count).keys()];
  const parts = ["query", "key", "value", "output", "mlp", "norms"] as const;
  return [
    group("all", {}),
    ...(["embedding", ...parts] as const).map((part) => group(part, { part })),
    ...range(layers).flatMap((layer) => [
      group(`layers.${layer}`, { layer }),
      ...parts.map((part) => group(`layers.${layer}.${part}`, { layer, part })),
      ...range(heads).map((head) => group(`layers.${layer}.heads.${head}`, { layer, head })),
      ...(["query", "key", "value"] as const).flatMap((part) =>
        range(part === "query" ? heads : keyValueHeads).map((head) =>
          group(`layers.${layer}.${part}.heads.${head}`, { layer, part, head }),
        ),
      ),
    ]),
  ];
}

function ownHead({ part }: Block): boolean {
  return part === "query" || part === "output";
}

/** ‖a‖², or ‖a − b‖², of every block. */
export function squares(whole: Partition, a: Float32Array, b?: Float32Array): Float64Array {
  return sumOver(whole, (i) => (a[i]! - (b === undefined ? 0 : b[i]!)) ** 2);
}

/** ⟨a, b⟩ of every block. */
export function products(whole: Partition, a: Float32Array, b: Float32Array): Float64Array {
  return sumOver(whole, (i) => a[i]! * b[i]!);
}

function sumOver({ blocks }: Partition, term: (i: number) => number): Float64Array {
  return Float64Array.from(blocks, ({ offset, rows, columns, stride }) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      const begin = offset + row * stride;
      for (let i = begin; i < begin + columns; i++) sum += term(i);
    }
    return sum;
  });
}

/** Adds up numbers of blocks to one of each group. */
export function byGroup({ groups }: Partition, values: Float64Array): Float64Array {
  return Float64Array.from(groups, ({ blocks }) => blocks.reduce((sum, block) => sum + values[block]!, 0));
}

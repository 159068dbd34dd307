import type { Edge, VectorSpace } from "../node.ts";
import type { Random } from "../random/random.ts";

/**
 * A random estimate of the identity on an edge that is right on average: `E[cut(g)] = g`, where `null` stands for 0.
 *
 * Pullbacks are linear, so what flows on behind the edge stays unbiased as well, and behind `null` nothing is
 * computed at all. A cut borrows the cotangent and hands over ownership of what it returns, like a pullback.
 */
export type Cut<V> = (cotangent: V, random: Random, space: VectorSpace<V>) => V | null;

/**
 * A joint decision on all edges of a node: a factor for each, of mean 1, where 0 cuts the edge. The factors of one
 * node may depend on each other, since no path runs through two edges of one node.
 */
export type FanIn<V> = (edges: readonly Edge<V>[], random: Random) => ArrayLike<number>;

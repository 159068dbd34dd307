import { GraphError } from "./errors.ts";
import { type Edge, type Node, share, type VectorSpace } from "./node.ts";
import { topologicalOrder } from "./order.ts";
import type { Random } from "./random/random.ts";

/**
 * A random estimate of the identity on an edge that is right on average: `E[cut(g)] = g`, where `null` stands for 0.
 *
 * Pullbacks are linear, so what flows on behind the edge stays unbiased as well, and behind `null` nothing is
 * computed at all. A cut borrows the cotangent and hands over ownership of what it returns, like a pullback.
 */
export type Cut<V> = (cotangent: V, random: Random, space: VectorSpace<V>) => V | null;

export interface BackwardOptions<V> {
  /** How to add, scale, share and drop the cotangents. */
  readonly space: VectorSpace<V>;
  /** Chooses the cut of an edge, `undefined` for none. Called once for each edge that a cotangent reaches. */
  readonly cut?: (edge: Edge<V>) => Cut<V> | undefined;
  /** Where the cuts draw from; needed with `cut`. */
  readonly random?: Random;
  /** Inner nodes whose cotangents are returned too. */
  readonly keep?: ReadonlySet<Node<V>>;
}

/**
 * The cotangents of the leaves: exact without `cut`, else an unbiased estimate.
 *
 * Starts with `seed` at `output` and walks the graph so that a node comes after all its uses: by then its cotangent
 * is complete, each of its edges pulls it back to the parents, and it is dropped. Nodes are never changed, so one
 * graph gives the exact gradient and any number of estimates.
 *
 * Each edge draws from its own fork of `random`, by its place in the graph: what one edge decides, or whether it is
 * cut at all, does not shift the draws of another.
 *
 * @param seed the output's cotangent, borrowed.
 * @returns a cotangent for each leaf that was reached (and each kept inner node), the caller's to drop. A leaf that
 *   is missing has the estimate 0.
 * @throws GraphError on a cycle, and where a pullback or a cut fails: it names the edge and holds the `cause`; every
 *   cotangent held so far is dropped.
 */
export function backward<V>(output: Node<V>, seed: V, options: BackwardOptions<V>): ReadonlyMap<Node<V>, V> {
  const { space, cut, random, keep } = options;
  if (cut !== undefined && random === undefined) {
    throw new GraphError("backward: expected options.random for the cuts to draw from, got none");
  }
  if (space.drop !== undefined && space.share === undefined) {
    throw new GraphError(
      "backward: expected a space that can share what it can drop, got drop without share",
    );
  }
  if (space.fits?.(seed, output.value) === false) {
    throw new GraphError("backward: expected a seed of the output's shape");
  }
  const order = topologicalOrder(output);

  // All that is owned at any time. Inner nodes leave as they are done, so in the end this is the result.
  const cotangents = new Map([[output, share(space, seed)]]);

  function pullBack(edge: Edge<V>, place: number, cotangent: V): void {
    try {
      const chosen = cut?.(edge);
      const passed = chosen === undefined ? cotangent : chosen(cotangent, random!.fork(place), space);
      if (passed === null) return;
      try {
        accumulate(edge, edge.pullback(passed), cotangents, space);
      } finally {
        if (chosen !== undefined) space.drop?.(passed);
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new GraphError(`backward: edge "${edge.label}": ${reason}`, { cause });
    }
  }

  try {
    let next = 0;
    for (const node of order) {
      const first = next;
      next += node.edges.length;
      const cotangent = cotangents.get(node);
      if (cotangent === undefined || node.edges.length === 0) continue;
      node.edges.forEach((edge, i) => {
        pullBack(edge, first + i, cotangent);
      });
      if (keep?.has(node)) continue;
      cotangents.delete(node);
      space.drop?.(cotangent);
    }
  } catch (error) {
    for (const cotangent of cotangents.values()) space.drop?.(cotangent);
    throw error;
  }
  return cotangents;
}

/** Adds what a pullback returned to what the parents have. Owns `parts`, also when it throws. */
function accumulate<V>(
  edge: Edge<V>,
  parts: readonly (V | null)[],
  cotangents: Map<Node<V>, V>,
  space: VectorSpace<V>,
): void {
  let done = 0;
  try {
    if (parts.length !== edge.parents.length) {
      throw new GraphError(
        `expected ${edge.parents.length} cotangents from the pullback, one a parent, got ${parts.length}`,
      );
    }
    for (const parent of edge.parents) {
      const part = parts[done] ?? null;
      if (part !== null) {
        if (space.fits?.(part, parent.value) === false) {
          throw new GraphError(`expected a cotangent of the shape of parent ${done} from the pullback`);
        }
        const sum = cotangents.get(parent);
        cotangents.set(parent, sum === undefined ? part : space.add(sum, part));
        if (sum !== undefined) {
          space.drop?.(sum);
          space.drop?.(part);
        }
      }
      done++;
    }
  } catch (error) {
    for (const part of parts.slice(done)) if (part !== null) space.drop?.(part);
    throw error;
  }
}

import type { Cut, FanIn } from "./cuts/cut.ts";
import { GraphError } from "./errors.ts";
import { type Edge, type Node, share, type VectorSpace } from "./node.ts";
import { topologicalOrder } from "./order.ts";
import type { Random } from "./random/random.ts";

export interface BackwardOptions<V> {
  /** How to add, scale, share and drop the cotangents. */
  readonly space: VectorSpace<V>;
  /** Chooses the cut of an edge, `undefined` for none. Asked once for each edge that a cotangent reaches. */
  readonly cut?: (edge: Edge<V>) => Cut<V> | undefined;
  /** Chooses a joint decision on all edges of a node, ahead of what `cut` does to each. Asked once a reached node. */
  readonly fanIn?: (node: Node<V>) => FanIn<V> | undefined;
  /** Where the cuts draw from; needed with `cut` and with `fanIn`. */
  readonly random?: Random;
  /** Inner nodes whose cotangents are returned too. */
  readonly keep?: ReadonlySet<Node<V>>;
}

/**
 * The cotangents of the leaves: exact, or with cuts an unbiased estimate.
 *
 * Starts with `seed` at `output` and walks the graph so that a node comes after all its uses: by then its cotangent
 * is complete, each of its edges pulls it back to the parents, and it is dropped. Nodes are never changed, so one
 * graph gives the exact gradient and any number of estimates. Each edge draws from a fork of `random` of its own, by
 * its place in the graph: what one edge decides, or whether it is cut at all, does not shift the draws of another.
 *
 * @param seed the output's cotangent, borrowed.
 * @returns a cotangent for each leaf that was reached (and each kept inner node), the caller's to drop. A leaf that
 *   is missing has the estimate 0.
 * @throws GraphError on a cycle, and where a pullback or a cut fails: it names the edge and holds the `cause`, and
 *   every cotangent held so far is dropped.
 */
export function backward<V>(output: Node<V>, seed: V, options: BackwardOptions<V>): ReadonlyMap<Node<V>, V> {
  const { space, cut, fanIn, random, keep } = options;
  expectOptions(output, seed, options);
  const order = topologicalOrder(output);
  const edgeDraws = random?.fork(0);
  const nodeDraws = random?.fork(1);

  // All that is owned between two edges. Inner nodes leave once they are done, so in the end this is the result.
  const cotangents = new Map([[output, share(space, seed)]]);

  /** Pulls a node's cotangent, scaled by `factor` and cut, back along one edge. */
  function pullBack(edge: Edge<V>, place: number, cotangent: V, factor: number): void {
    if (factor === 0) return;
    const made: V[] = [];
    try {
      const scaled = factor === 1 ? cotangent : space.scale(cotangent, factor);
      if (factor !== 1) made.push(scaled);
      const chosen = cut?.(edge);
      const passed = chosen === undefined ? scaled : chosen(scaled, edgeDraws!.fork(place), space);
      if (passed === null) return;
      if (chosen !== undefined) made.push(passed);
      accumulate(edge, edge.pullback(passed), cotangents, space);
    } catch (cause) {
      throw failure(`edge "${edge.label}"`, cause);
    } finally {
      for (const value of made) space.drop?.(value);
    }
  }

  /** A factor for each edge by the joint decision on them, where there is one. */
  function decideJointly(node: Node<V>, place: number): ArrayLike<number> | undefined {
    try {
      const factors = fanIn?.(node)?.(node.edges, nodeDraws!.fork(place));
      if (factors !== undefined) expectFactors(factors, node.edges.length);
      return factors;
    } catch (cause) {
      throw failure(`fan-in with edge "${node.edges[0]!.label}"`, cause);
    }
  }

  try {
    let places = 0;
    for (const node of order) {
      const first = places;
      places += node.edges.length;
      const cotangent = cotangents.get(node);
      if (cotangent === undefined || node.edges.length === 0) continue;
      const factors = decideJointly(node, first);
      node.edges.forEach((edge, i) => {
        pullBack(edge, first + i, cotangent, factors?.[i] ?? 1);
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

function expectOptions<V>(output: Node<V>, seed: V, { space, cut, fanIn, random }: BackwardOptions<V>): void {
  if ((cut !== undefined || fanIn !== undefined) && random === undefined) {
    throw new GraphError("backward: expected options.random for the cuts to draw from, got none");
  }
  if (space.drop !== undefined && space.share === undefined) {
    throw new GraphError("backward: expected a space with share, as it has drop");
  }
  if (space.fits?.(seed, output.value) === false) {
    throw new GraphError("backward: expected a seed of the output's shape");
  }
}

function expectFactors(factors: ArrayLike<number>, length: number): void {
  if (factors.length !== length) {
    throw new GraphError(`expected ${length} factors, one an edge, got ${factors.length}`);
  }
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(factors[i]))
      throw new GraphError(`expected finite factors, got ${factors[i]} at ${i}`);
  }
}

function failure(where: string, cause: unknown): GraphError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new GraphError(`backward: ${where}: ${reason}`, { cause });
}

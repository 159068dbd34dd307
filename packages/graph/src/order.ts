import { GraphError } from "./errors.ts";
import type { Node } from "./node.ts";

/**
 * All nodes that `output` depends on, itself first, each one after every node that uses it (Kahn 1962).
 *
 * The order depends on the graph alone. Cost O(nodes + edges), without recursion. Throws `GraphError` on a cycle.
 */
export function topologicalOrder<V>(output: Node<V>): readonly Node<V>[] {
  const uses = new Map([[output, 0]]);
  // A map's iteration also visits what is added on the way, so this loop reaches every ancestor once.
  for (const node of uses.keys()) {
    for (const { parents } of node.edges) {
      for (const parent of parents) uses.set(parent, (uses.get(parent) ?? 0) + 1);
    }
  }

  const order: Node<V>[] = [];
  const ready = uses.get(output) === 0 ? [output] : [];
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const { parents } of node.edges) {
      for (const parent of parents) {
        const left = uses.get(parent)! - 1;
        uses.set(parent, left);
        if (left === 0) ready.push(parent);
      }
    }
  }
  if (order.length < uses.size) {
    throw new GraphError("backward: expected a graph without cycles, got a node that depends on itself");
  }
  return order;
}

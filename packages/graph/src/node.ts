/** What `backward` must be able to do with cotangents; meets any value type structurally. */
export interface VectorSpace<V> {
  /** The sum of two cotangents, as a new value. Neither argument is consumed. */
  add(a: V, b: V): V;
  /** `factor · v`, as a new value. The argument is not consumed. */
  scale(v: V, factor: number): V;
  /** Whether a cotangent has the shape of a value. Absent: shapes are not checked. */
  fits?(cotangent: V, value: V): boolean;
  /** Another owner of the same value, for types whose memory is counted. Absent: values are collected. */
  share?(v: V): V;
  /** Gives up one ownership of a value. Absent: values are collected. */
  drop?(v: V): void;
}

/** How a node's value depends on some parents: linear in the cotangent, evaluated only in `backward`. */
export interface Edge<V> {
  readonly label: string;
  /**
   * Local importance of the edge, for rules such as `q = min(1, c·w)`: finite and at least 0, where 0 promises that
   * nothing flows through the edge.
   */
  readonly weight?: number;
  readonly parents: readonly Node<V>[];
  /**
   * The vector-Jacobian product: one cotangent a parent, `null` where nothing flows. It borrows its argument and
   * hands over ownership of what it returns: to pass the argument itself on, `share` it.
   */
  pullback(cotangent: V): readonly (V | null)[];
}

/** A value and the edges to what it was computed from. A node without edges is a leaf. */
export interface Node<V> {
  readonly value: V;
  readonly edges: readonly Edge<V>[];
}

/** A node that depends on nothing: a parameter, an input, a constant. */
export function leaf<V>(value: V): Node<V> {
  return { value, edges: [] };
}

/** A node with one edge to all its parents, as most operations are. */
export function operation<V>(
  label: string,
  value: V,
  parents: readonly Node<V>[],
  pullback: (cotangent: V) => readonly (V | null)[],
): Node<V> {
  return { value, edges: [{ label, parents, pullback }] };
}

/** A second owner of `v`, where the space counts owners. */
export function share<V>(space: VectorSpace<V>, v: V): V {
  return space.share === undefined ? v : space.share(v);
}

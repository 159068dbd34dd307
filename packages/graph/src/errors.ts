/** A graph, a cut or a design cannot do what was asked; `cause` holds the error of the caller's code that led here. */
export class GraphError extends Error {
  override readonly name = "GraphError";
}

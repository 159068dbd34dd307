import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** The size of a chart as wide as the page. */
export const size = { width: 720, height: 300, marginLeft: 52, marginRight: 16, marginBottom: 42 } as const;

/** Draws into a document that only exists for this chart. */
export function render(options: Plot.PlotOptions): string {
  const { document } = parseHTML("<!doctype html><body></body>");
  return Plot.plot({ ...options, document, style: { fontSize: "12px" } }).outerHTML;
}

/** A colour for each name, in their order, as CSS variables that the page sets for light and dark. */
export function seriesColours(names: readonly string[]): { domain: string[]; range: string[] } {
  return { domain: [...names], range: names.map((_, i) => `var(--series-${(i % 6) + 1})`) };
}

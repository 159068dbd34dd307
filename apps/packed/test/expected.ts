import type { Name } from "./workshop.ts";

/** What the programs return, the same in Node and in a page. */
export const expected: Readonly<Record<Name, unknown>> = {
  graph: { exact: 3, unbiased: true },
  tensor: { threads: 2, sum: 200_000 },
  sparse: { kept: 4000, unbiased: true },
  attention: { cheap: true, alike: true },
};

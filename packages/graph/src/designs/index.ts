import { bernoulli } from "./bernoulli.ts";
import type { Design } from "./design.ts";
import { priority } from "./priority.ts";
import { systematic } from "./systematic.ts";

export type DesignName = "bernoulli" | "priority" | "systematic";

/** The sampling designs by name. Compare them at equal kept entries, not at equal budgets. */
export const designs: Readonly<Record<DesignName, Design>> = { bernoulli, priority, systematic };

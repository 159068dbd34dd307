import { expect, test } from "vitest";
import { resolveConfig, type TransformerConfig } from "./config.ts";

const valid: TransformerConfig = { vocabulary: 256, context: 64, layers: 2, heads: 4, width: 32 };

test("fills in the defaults", () => {
  expect(resolveConfig(valid)).toEqual({
    ...valid,
    keyValueHeads: 4,
    hidden: 128,
    positions: "rotary",
    activation: "gelu",
    norm: "rms",
    headWidth: 8,
  });
  expect(resolveConfig({ ...valid, activation: "swiglu" }).hidden).toBe(88);
});

test.each([
  [{ width: 30 }, "transformer: expected width to be a multiple of heads (4), got 30"],
  [{ keyValueHeads: 3 }, "transformer: expected heads to be a multiple of keyValueHeads (3), got 4"],
  [
    { width: 20 },
    "transformer: expected an even head width for rotary positions, got 5 (width 20 / heads 4)",
  ],
  [{ layers: 0 }, "transformer: expected layers to be a whole number of at least 1, got 0"],
  [{ hidden: 1.5 }, "transformer: expected hidden to be a whole number of at least 1, got 1.5"],
  [{ norm: "batch" as "rms" }, "transformer: expected norm to be one of rms, layer, got batch"],
])("rejects %o", (change, message) => {
  expect(() => resolveConfig({ ...valid, ...change })).toThrow(message);
});

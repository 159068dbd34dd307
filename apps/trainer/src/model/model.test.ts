import { expect, test } from "vitest";
import { streamOf } from "./model.ts";

test("weights, batches, samples and probes of a seed share no random numbers", () => {
  const keys = (["parameters", "batches", "estimator", "probe"] as const).map((stream) =>
    streamOf(1, stream),
  );
  expect(new Set(keys.map(({ k0, k1 }) => `${k0} ${k1}`)).size).toBe(4);
  expect(streamOf(2, "batches")).not.toEqual(streamOf(1, "batches"));
});

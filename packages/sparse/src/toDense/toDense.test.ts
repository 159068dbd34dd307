import { describe, expect, test } from "vitest";
import { builds, onEachBuild, shapes } from "../../test/matrices.ts";
import { csr, toDense } from "../index.ts";
import { toDenseReference } from "./reference.ts";

describe.each(builds)("toDense, relaxed SIMD $relaxed, $threads threads", (build) => {
  test.each(shapes)("equals the reference on $name", ({ matrix }) =>
    onEachBuild(build, async (device) => {
      using sparse = csr(device, matrix);
      using dense = toDense(sparse);
      expect(dense.shape).toEqual(matrix.shape);
      expect(await dense.read()).toEqual(Float32Array.from(toDenseReference(matrix)));
    }),
  );
});

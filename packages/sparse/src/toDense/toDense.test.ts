import { describe, expect, test } from "vitest";
import { denseDevices, onDevice } from "../../test/devices.ts";
import { shapes } from "../../test/matrices.ts";
import { csr, toDense } from "../index.ts";
import { toDenseReference } from "./reference.ts";

describe.each(denseDevices)("toDense, $name", (way) => {
  test.each(shapes)("equals the reference on $name", ({ matrix }) =>
    onDevice(way, async (device) => {
      using sparse = csr(device, matrix);
      using dense = toDense(sparse);
      expect(dense.shape).toEqual(matrix.shape);
      expect(await dense.read()).toEqual(Float32Array.from(toDenseReference(matrix)));
    }),
  );
});

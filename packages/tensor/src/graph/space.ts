import type { RowSpace } from "@sus/graph";
import { add } from "../add/index.ts";
import { onDevice } from "../checks.ts";
import { DeviceError } from "../errors.ts";
import { gatherRows, rowNorms } from "../rows/index.ts";
import { scale } from "../scale/index.ts";
import type { Tensor } from "../tensor.ts";
import { type KeptRows, keptRows, RowSparse } from "./row-sparse.ts";

/**
 * Tensors as cotangents: each owner is a handle, which `drop` disposes. Rows that a cut leaves out are not held
 * (`RowSparse`), and the pullbacks of this package skip them. Cuts of rows need a device whose numbers the host can see, so
 * they throw `DeviceError` on WebGPU.
 */
export const tensors: RowSpace<Tensor> = {
  add: addCotangents,
  scale: (v, factor) => {
    const kept = keptRows(v);
    if (kept === undefined) return scale(v, factor);
    using rows = scale(kept.rows, factor);
    return new RowSparse({ rows, indices: kept.indices }, v.shape);
  },
  fits: (cotangent, value) => {
    const { shape } = value;
    return (
      cotangent.shape.length === shape.length && cotangent.shape.every((length, i) => length === shape[i])
    );
  },
  share: (v) => v.share(),
  drop: (v) => v[Symbol.dispose](),
  rowNorms: (v) => {
    const kept = keptRows(v);
    if (kept === undefined) return normsOf(v);
    const norms = new Float32Array(v.shape.slice(0, -1).reduce((rows, length) => rows * length, 1));
    const places = onHost(kept.indices);
    normsOf(kept.rows).forEach((norm, i) => {
      norms[places[i]!] = norm;
    });
    return norms;
  },
  takeRows: (v, indices, factors) => {
    const kept = keptRows(v);
    using taken = v.device.tensor(indices, [indices.length]);
    using scales = v.device.tensor(Float32Array.from(factors), [factors.length]);
    using places = kept === undefined ? taken.share() : placesAmong(kept, indices);
    using rows = gatherRows(kept?.rows ?? v, places, scales);
    return new RowSparse({ rows, indices: taken }, v.shape);
  },
};

/** Stays with the kept rows where both hold the same ones, as two paths behind one cut do. */
function addCotangents(a: Tensor, b: Tensor): Tensor {
  const [left, right] = [keptRows(a), keptRows(b)];
  if (left === undefined || left.indices.storage !== right?.indices.storage) return add(a, b);
  using rows = add(left.rows, right.rows);
  return new RowSparse({ rows, indices: left.indices }, a.shape);
}

function normsOf(v: Tensor): Float32Array {
  using norms = rowNorms(v);
  return onHost(norms) as Float32Array;
}

/** A copy on the host, at once: the processor's own memory can be read without waiting, a GPU's can't. */
function onHost(tensor: Tensor): ArrayLike<number> {
  return onDevice(tensor.device, {
    wasm: (device) => device.view(tensor).slice(),
    webgpu: ({ name }) => {
      throw new DeviceError(
        `a cut of rows chooses by numbers on the host, which can't be read at once from ${name}`,
      );
    },
  });
}

/** Where among the kept rows each of `indices` stands; a cut keeps no row of zeros, so each is there. */
function placesAmong({ indices, rows }: KeptRows, wanted: Uint32Array): Tensor {
  const places = new Map(Array.from(onHost(indices), (row, place) => [row, place]));
  return rows.device.tensor(
    wanted.map((row) => places.get(row)!),
    [wanted.length],
  );
}

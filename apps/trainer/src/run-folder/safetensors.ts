// The file format of https://github.com/huggingface/safetensors, floats of 32 and 16 bits only: an unsigned 64-bit
// little-endian length, a JSON header of that many bytes padded with spaces, then the numbers. Small enough that a strict
// reader of our own is safer than the one package there is (0.0.1, unmaintained).
import { z } from "zod";
import { fromBrainHalf, fromHalf, toHalf } from "./half.ts";

export interface Array32 {
  readonly shape: readonly number[];
  /** Row-major, as many as the shape says. */
  readonly data: Float32Array;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, Array32>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes are not a safetensors file as the format defines it, or hold what we do not read. */
export class SafetensorsError extends Error {
  override readonly name = "SafetensorsError";
}

const prefixBytes = 8;
const alignment = 8;
/** The format's own limit. */
const maximumHeaderBytes = 100_000_000;
const metadataName = "__metadata__";

/** How numbers are held: their bytes, and how one is read and written. */
const types = {
  F32: {
    bytes: 4,
    get: (view: DataView, at: number) => view.getFloat32(at, true),
    set: (view: DataView, at: number, value: number) => view.setFloat32(at, value, true),
  },
  F16: {
    bytes: 2,
    get: (view: DataView, at: number) => fromHalf(view.getUint16(at, true)),
    set: (view: DataView, at: number, value: number) => view.setUint16(at, toHalf(value), true),
  },
  /** Read only: where we write 16 bits it is F16, which is nearer to what weights are. */
  BF16: { bytes: 2, get: (view: DataView, at: number) => fromBrainHalf(view.getUint16(at, true)) },
} as const;

const length = z.int().min(0);
const header = z.record(
  z.string(),
  z.strictObject({
    dtype: z.enum(["F32", "F16", "BF16"], 'expected "F32", "F16" or "BF16"'),
    shape: z.array(length),
    data_offsets: z.tuple([length, length]),
  }),
);
const metadataSchema = z.record(z.string(), z.string());

/**
 * The file's bytes. Tensors lie in the order of the map, without gaps, from a multiple of 8 bytes on.
 *
 * @param type F32, or F16: each number rounded to the nearest float16, ties to even.
 * @throws SafetensorsError where a float16 would not be finite.
 */
export function encode({ tensors, metadata }: Safetensors, type: "F32" | "F16" = "F32"): Uint8Array {
  const { bytes, set } = types[type];
  const entries: Record<string, unknown> = { [metadataName]: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    expect(name !== metadataName, `a tensor may not be called ${metadataName}`);
    expect(
      sizeOf(shape) === data.length,
      `${name}: [${shape.join(", ")}] does not hold ${data.length} numbers`,
    );
    if (type === "F16") expectHalves(name, data);
    entries[name] = { dtype: type, shape, data_offsets: [end, end + data.length * bytes] };
    end += data.length * bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const headerBytes = Math.ceil(json.length / alignment) * alignment;
  const file = new Uint8Array(prefixBytes + headerBytes + end).fill(
    0x20,
    prefixBytes,
    prefixBytes + headerBytes,
  );
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, prefixBytes);
  let offset = prefixBytes + headerBytes;
  for (const { data } of tensors.values()) {
    for (let i = 0; i < data.length; i++) set(view, offset + bytes * i, data[i]!);
    offset += data.length * bytes;
  }
  return file;
}

/** Reads a file's bytes. Throws `SafetensorsError` where they break a rule of the format or hold another type of numbers. */
export function decode(file: Uint8Array): Safetensors {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  expect(file.length >= prefixBytes, `expected at least ${prefixBytes} bytes, got ${file.length}`);
  const headerBytes = Number(view.getBigUint64(0, true));
  const begin = prefixBytes + headerBytes;
  expect(
    headerBytes <= maximumHeaderBytes && begin <= file.length,
    `a header of ${headerBytes} bytes does not fit`,
  );
  const { entries, metadata } = parseHeader(file.subarray(prefixBytes, begin));
  const tensors = new Map<string, Array32>();
  let end = 0;
  const inOrder = Object.entries(entries).sort(([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0]);
  for (const [name, { dtype, shape, data_offsets: offsets }] of inOrder) {
    const [from, to] = offsets;
    const { bytes, get } = types[dtype];
    expect(from === end, `${name}: expected data from byte ${end} on, without gaps, got ${from}`);
    expect(
      to - from === bytes * sizeOf(shape),
      `${name}: [${shape.join(", ")}] does not fill bytes ${from} to ${to}`,
    );
    expect(begin + to <= file.length, `${name}: the data ends at ${begin + to} of ${file.length} bytes`);
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = get(view, begin + from + bytes * i);
    tensors.set(name, { shape, data });
    end = to;
  }
  expect(begin + end === file.length, `expected ${begin + end} bytes in all, got ${file.length}`);
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): {
  entries: z.infer<typeof header>;
  metadata: Record<string, string>;
} {
  expect(bytes[0] === 0x7b, "expected a header that begins with {");
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new SafetensorsError(`safetensors: expected a header in JSON: ${(error as Error).message}`);
  }
  const { [metadataName]: metadata = {}, ...entries } = parsed as Record<string, unknown>;
  return { entries: valid(header, entries), metadata: valid(metadataSchema, metadata) };
}

function valid<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new SafetensorsError(`safetensors: header: ${path.join(".")}: ${message}`);
}

function expectHalves(name: string, data: Float32Array): void {
  for (const value of data) {
    expect(Number.isFinite(fromHalf(toHalf(value))), `${name}: ${value} is no finite float16`);
  }
}

function expect(condition: boolean, message: string): void {
  if (!condition) throw new SafetensorsError(`safetensors: ${message}`);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

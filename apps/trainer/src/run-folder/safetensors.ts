// The file format of https://github.com/huggingface/safetensors, float32 only: an unsigned 64-bit little-endian length,
// a JSON header of that many bytes padded with spaces, then the numbers. Small enough that a strict reader of our own is
// safer than the one package there is (0.0.1, unmaintained).
import { z } from "zod";

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

const length = z.int().min(0);
const header = z.record(
  z.string(),
  z.strictObject({
    dtype: z.literal("F32"),
    shape: z.array(length),
    data_offsets: z.tuple([length, length]),
  }),
);
const metadataSchema = z.record(z.string(), z.string());

/** The file's bytes. Tensors lie in the order of the map, without gaps, from a multiple of 8 bytes on. */
export function encode({ tensors, metadata }: Safetensors): Uint8Array {
  const entries: Record<string, unknown> = { [metadataName]: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    expect(name !== metadataName, `a tensor may not be called ${metadataName}`);
    expect(
      sizeOf(shape) === data.length,
      `${name}: [${shape.join(", ")}] does not hold ${data.length} numbers`,
    );
    entries[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
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
    for (let i = 0; i < data.length; i++) view.setFloat32(offset + 4 * i, data[i]!, true);
    offset += data.byteLength;
  }
  return file;
}

/** Reads a file's bytes. Throws `SafetensorsError` where they break a rule of the format or hold another type than F32. */
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
  for (const [name, { shape, data_offsets: offsets }] of inOrder) {
    const [from, to] = offsets;
    expect(from === end, `${name}: expected data from byte ${end} on, without gaps, got ${from}`);
    expect(
      to - from === 4 * sizeOf(shape),
      `${name}: [${shape.join(", ")}] does not fill bytes ${from} to ${to}`,
    );
    expect(begin + to <= file.length, `${name}: the data ends at ${begin + to} of ${file.length} bytes`);
    const data = new Float32Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(begin + from + 4 * i, true);
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

function expect(condition: boolean, message: string): void {
  if (!condition) throw new SafetensorsError(`safetensors: ${message}`);
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, axis) => size * axis, 1);
}

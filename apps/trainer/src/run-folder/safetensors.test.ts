import { describe, expect, test } from "vitest";
import { decode, encode } from "./safetensors.ts";

/** A file after the format's description: length, header, data. */
function file(header: unknown, data: readonly number[] = [], padding = 0): Uint8Array {
  const json = `${typeof header === "string" ? header : JSON.stringify(header)}${" ".repeat(padding)}`;
  const bytes = new TextEncoder().encode(json);
  const prefix = new Uint8Array(8);
  new DataView(prefix.buffer).setBigUint64(0, BigInt(bytes.length), true);
  return Uint8Array.from([...prefix, ...bytes, ...data]);
}

const one = [0, 0, 0x80, 0x3f];
const minusTwo = [0, 0, 0, 0xc0];
const f32 = (shape: readonly number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

describe("encode", () => {
  test("writes the bytes that the format describes", () => {
    const bytes = encode({
      tensors: new Map([
        ["a", { shape: [2], data: Float32Array.of(1, -2) }],
        ["b", { shape: [], data: Float32Array.of(1) }],
      ]),
      metadata: { step: "12" },
    });
    const header =
      '{"__metadata__":{"step":"12"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
      '"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}';
    const padding = (8 - (header.length % 8)) % 8;
    expect([...bytes]).toEqual([...file(header, [...one, ...minusTwo, ...one], padding)]);
  });

  test("writes 16 bits, rounded to the nearest, that come back as those", () => {
    const data = Float32Array.of(1, 1 + 2 ** -11, 1 + 3 * 2 ** -11, -0.1, 2 ** -25, 65519);
    const tensors = new Map([
      ["a", { shape: [6], data }],
      ["b", { shape: [1], data: Float32Array.of(3) }],
    ]);
    const bytes = encode({ tensors, metadata: {} }, "F16");
    expect([...bytes.subarray(-14, -8)]).toEqual([0x00, 0x3c, 0x00, 0x3c, 0x02, 0x3c]);
    const back = decode(bytes).tensors;
    expect(back.get("a")!.data).toEqual(Float32Array.of(1, 1, 1 + 2 ** -9, -0.0999755859375, 0, 65504));
    expect(back.get("b")!.data).toEqual(Float32Array.of(3));
    expect(encode({ tensors: back, metadata: {} }, "F16")).toEqual(bytes);
  });

  test.each([Number.NaN, -Infinity, 65520])("refuses %d in 16 bits", (value) => {
    const tensors = new Map([["a", { shape: [2], data: Float32Array.of(1, value) }]]);
    expect(() => encode({ tensors, metadata: {} }, "F16")).toThrow(`a: ${value} is no finite float16`);
    expect([...decode(encode({ tensors, metadata: {} })).tensors.get("a")!.data]).toEqual([1, value]);
  });

  test("refuses numbers that do not fill the shape, and the reserved name", () => {
    const array = { shape: [3], data: Float32Array.of(1) };
    expect(() => encode({ tensors: new Map([["a", array]]), metadata: {} })).toThrow(
      "a: [3] does not hold 1",
    );
    expect(() => encode({ tensors: new Map([["__metadata__", array]]), metadata: {} })).toThrow(
      "__metadata__",
    );
  });
});

describe("decode", () => {
  test("gives back what was encoded, bit for bit", () => {
    const bits = Uint32Array.of(0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x00800000, 0x3f800001);
    const contents = {
      tensors: new Map([
        ["weights", { shape: [7], data: new Float32Array(bits.buffer) }],
        ["nothing", { shape: [0, 4], data: new Float32Array(0) }],
        ["ż", { shape: [1, 1], data: Float32Array.of(0.1) }],
      ]),
      metadata: { note: "ż" },
    };
    const decoded = decode(encode(contents));
    expect(decoded.metadata).toEqual(contents.metadata);
    expect(decoded.tensors).toEqual(contents.tensors);
    expect(new Uint32Array(decoded.tensors.get("weights")!.data.buffer)).toEqual(bits);
  });

  test("reads files of other writers: any order, no padding, no metadata, at any offset in memory", () => {
    const bytes = file({ b: f32([1], 4, 8), a: f32([1, 1], 0, 4) }, [...one, ...minusTwo]);
    const moved = new Uint8Array(bytes.length + 3);
    moved.set(bytes, 3);
    const { tensors, metadata } = decode(moved.subarray(3));
    expect(metadata).toEqual({});
    expect([...tensors]).toEqual([
      ["a", { shape: [1, 1], data: Float32Array.of(1) }],
      ["b", { shape: [1], data: Float32Array.of(-2) }],
    ]);
  });

  test("reads numbers of 16 bits", () => {
    const tensor = (dtype: string, begin: number) => ({
      dtype,
      shape: [2],
      data_offsets: [begin, begin + 4],
    });
    const data = [0x00, 0x3c, 0x01, 0x80, 0x80, 0x3f, 0x00, 0xc0];
    const { tensors } = decode(file({ half: tensor("F16", 0), brain: tensor("BF16", 4) }, data));
    expect(tensors.get("half")!.data).toEqual(Float32Array.of(1, -(2 ** -24)));
    expect(tensors.get("brain")!.data).toEqual(Float32Array.of(1, -2));
  });

  const huge = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 0x7b);
  test.each<[string, Uint8Array, string]>([
    ["no length", Uint8Array.of(1, 0, 0), "expected at least 8 bytes, got 3"],
    ["a header beyond the end", file({}).subarray(0, 9), "a header of 2 bytes does not fit"],
    ["an absurd header", huge, "does not fit"],
    ["another file", file("PK"), "expected a header that begins with {"],
    ["an empty header", file(""), "expected a header that begins with {"],
    ["broken JSON", file('{"a":'), "expected a header in JSON"],
    [
      "bytes that are not UTF-8",
      Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff),
      "expected a header in JSON",
    ],
    [
      "another type",
      file({ a: { ...f32([1], 0, 4), dtype: "I32" } }, one),
      'header: a.dtype: expected "F32", "F16" or "BF16"',
    ],
    ["a missing field", file({ a: { dtype: "F32", shape: [1] } }, one), "header: a.data_offsets"],
    ["a field too many", file({ a: { ...f32([1], 0, 4), stride: 1 } }, one), "header: a"],
    ["a negative length", file({ a: f32([-1], 0, 4) }, one), "header: a.shape.0"],
    ["a fraction", file({ a: f32([0.5], 0, 2) }, one), "header: a.shape.0"],
    ["metadata that is no string", file({ __metadata__: { step: 1 } }), "header: step"],
    [
      "a gap",
      file({ a: f32([1], 4, 8) }, [...one, ...one]),
      "a: expected data from byte 0 on, without gaps, got 4",
    ],
    ["an overlap", file({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, one), "b: expected data from byte 4 on"],
    [
      "offsets that do not fit the shape",
      file({ a: f32([2], 0, 4) }, one),
      "a: [2] does not fill bytes 0 to 4",
    ],
    ["data cut off", file({ a: f32([1], 0, 4) }, [0, 0]), "the data ends at"],
    ["bytes left over", file({ a: f32([1], 0, 4) }, [...one, 0]), "bytes in all, got"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ name: "SafetensorsError" }));
  });
});

import { expect, test } from "vitest";
import { declarationsOf, kernel } from "./kernel.ts";

const text = `
struct Uniforms { rows: u32, scale: f32, // shift: i32,
  shift: i32 }
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
@group(0) @binding(0) var<storage> x: array<f32>;
/* @group(0) @binding(2) var<storage, read> old: array<f32>; */
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(1) @binding(0) var<uniform> u: Uniforms;
`;

test("a kernel's text says what it binds and takes", () => {
  expect(declarationsOf(kernel("sum", text))).toEqual({
    bindings: ["read", "read_write", "read"],
    uniforms: [
      { name: "rows", type: "u32" },
      { name: "scale", type: "f32" },
      { name: "shift", type: "i32" },
    ],
  });
  expect(declarationsOf(kernel("nothing", "")).uniforms).toEqual([]);
});

test("what it does not say in that form is an error", () => {
  expect(() => declarationsOf(kernel("sum", text.replace("binding(0)", "binding(3)")))).toThrow(
    "sum: expected binding 0 of group 0, got none",
  );
  expect(() => declarationsOf(kernel("sum", text.replace("rows: u32", "rows: vec4u")))).toThrow(
    'sum: expected a u32, i32 or f32 in Uniforms, got "rows: vec4u"',
  );
});

test("parts with two forms make it use subgroups", () => {
  expect(kernel("k", "a", { plain: "b", subgroups: "c" }).text).toEqual({
    plain: "a\nb",
    subgroups: "enable subgroups;\na\nc",
  });
  expect(kernel("k", "a").text).toEqual({ plain: "a", subgroups: "a" });
});

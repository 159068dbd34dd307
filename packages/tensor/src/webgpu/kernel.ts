import { DeviceError } from "../errors.ts";

/** A piece of WGSL that has one form for devices with subgroups and one for those without. */
export interface Variants {
  readonly subgroups: string;
  readonly plain: string;
}

/**
 * A compute shader: text, put together from parts once, that every device compiles when it first runs it.
 *
 * What the text has to look like: the entry point is `main`; storage bindings are `@group(0) @binding(0)`, `1`, … without
 * gaps; numbers that change from call to call are the members of `struct Uniforms`, scalars of type u32, i32 or f32, bound
 * as `@group(1) @binding(0) var<uniform> u: Uniforms`; numbers that are worth compiling for are `override` constants.
 */
export interface Kernel {
  /** Names it in errors and in `milliseconds`. */
  readonly label: string;
  readonly text: Variants;
}

/**
 * Puts a kernel together. Call it once, at the top of a module: what is compiled is kept by the object that it returns.
 *
 * @param parts WGSL, in this order; parts with two forms make a kernel that uses subgroups where the device has them.
 */
export function kernel(label: string, ...parts: readonly (string | Variants)[]): Kernel {
  const text = (form: keyof Variants) =>
    parts.map((part) => (typeof part === "string" ? part : part[form])).join("\n");
  const needsSubgroups = parts.some((part) => typeof part !== "string");
  const plain = text("plain");
  return {
    label,
    text: { plain, subgroups: needsSubgroups ? `enable subgroups;\n${text("subgroups")}` : plain },
  };
}

export type Access = "read" | "read_write";

export interface UniformField {
  readonly name: string;
  readonly type: "u32" | "i32" | "f32";
}

/** What a kernel's text declares. */
export interface Declarations {
  /** How each storage binding of group 0 is accessed, in order. */
  readonly bindings: readonly Access[];
  /** The members of `Uniforms`, in order, four bytes each. */
  readonly uniforms: readonly UniformField[];
}

const comments = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;
const storage = /@group\(0\)\s*@binding\((\d+)\)\s*var<storage\s*(?:,\s*(read_write|read)\s*)?>/g;
const uniforms = /struct\s+Uniforms\s*\{([^}]*)\}/;
const member = /^(\w+)\s*:\s*(u32|i32|f32)$/;

/** Reads the bindings and uniforms off a kernel's text, so that they are said once. */
export function declarationsOf({ label, text }: Kernel): Declarations {
  const code = text.plain.replace(comments, "");
  const bindings: Access[] = [];
  for (const [, index, access = "read"] of code.matchAll(storage)) bindings[Number(index)] = access as Access;
  for (let i = 0; i < bindings.length; i++) {
    if (bindings[i] === undefined)
      throw new DeviceError(`${label}: expected binding ${i} of group 0, got none`);
  }
  const members = (uniforms.exec(code)?.[1] ?? "").split(",").map((text) => text.trim());
  return {
    bindings,
    uniforms: members.filter(Boolean).map((text) => {
      const [, name, type] = member.exec(text) ?? [];
      if (name === undefined) {
        throw new DeviceError(`${label}: expected a u32, i32 or f32 in Uniforms, got "${text}"`);
      }
      return { name, type: type as UniformField["type"] };
    }),
  };
}

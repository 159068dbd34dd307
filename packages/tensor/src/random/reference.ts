import { independentBits, type Key, toUniform } from "@sus/graph";

/** `out[i] = low + (high − low) · u_i`, with u_i uniform on (0, 1] from entry i of the row `key`. */
export function randomUniformReference(length: number, key: Key, low: number, high: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => low + (high - low) * toUniform(independentBits(key, i)));
}

/**
 * Normal numbers of mean 0 from pairs of uniforms (Box, Muller 1958):
 * `out[2i], out[2i + 1] = std · √(−2 ln u_{2i}) · (cos, sin)(2π u_{2i + 1})`.
 */
export function randomNormalReference(length: number, key: Key, std: number): Float64Array {
  const out = new Float64Array(length);
  for (let i = 0; i < length; i += 2) {
    const radius = std * Math.sqrt(-2 * Math.log(toUniform(independentBits(key, i))));
    const angle = 2 * Math.PI * toUniform(independentBits(key, i + 1));
    out[i] = radius * Math.cos(angle);
    if (i + 1 < length) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

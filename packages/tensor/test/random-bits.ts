// The random function of @sus/graph against that of a kernel, in Node and in a page.
import { fold, independentBits, rotationBits, threefry, toUniform } from "@sus/graph";

/**
 * The first quadruple (k0, k1, c0, c1) of `words` for which the seven words of `results` are not what @sus/graph computes:
 * threefry and fold (two words each), independent bits, rotation bits, and the uniform's float; −1 where all are.
 */
export function firstWrongBits(words: Uint32Array, results: Uint32Array<ArrayBuffer>): number {
  const uniforms = new Float32Array(results.buffer);
  for (let i = 0; i < words.length / 4; i++) {
    const [k0, k1, c0, c1] = words.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const row = { k0, k1 };
    const [hash, child, bits] = [threefry(row, c0, c1), fold(row, c0), independentBits(row, c0)];
    const expected = [hash.k0, hash.k1, child.k0, child.k1, bits, rotationBits(row, c0)];
    const same = expected.every((word, j) => results[7 * i + j] === word);
    if (!same || uniforms[7 * i + 6] !== toUniform(bits)) return i;
  }
  return -1;
}

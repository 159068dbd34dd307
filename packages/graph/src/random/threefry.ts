/** Two 32-bit words that address a stream of random numbers. */
export interface Key {
  readonly k0: number;
  readonly k1: number;
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/**
 * Threefry-2x32 with 20 rounds: two random 32-bit words for a key and a two-word counter.
 *
 * Additions, rotations and exclusive-ors only, so TypeScript, WebAssembly and WGSL agree bit for bit.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 */
export function threefry(key: Key, c0: number, c1: number): Key {
  const schedule = [key.k0, key.k1, 0x1bd11bda ^ key.k0 ^ key.k1];
  let x0 = (c0 + key.k0) | 0;
  let x1 = (c1 + key.k1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round % 8]!;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + schedule[injection % 3]!) | 0;
      x1 = (x1 + schedule[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return { k0: x0 >>> 0, k1: x1 >>> 0 };
}

/** `norm = √Σ g²` over all arrays, and every `g · min(1, maxNorm/norm)`. */
export function clipByGlobalNormReference(
  gradients: readonly ArrayLike<number>[],
  maxNorm: number,
): { readonly norm: number; readonly clipped: readonly Float64Array[] } {
  let squares = 0;
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) squares += gradient[i]! ** 2;
  }
  const norm = Math.sqrt(squares);
  const factor = norm > maxNorm ? maxNorm / norm : 1;
  return { norm, clipped: gradients.map((gradient) => Float64Array.from(gradient, (g) => g * factor)) };
}

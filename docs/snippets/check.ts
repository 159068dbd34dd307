/** Throws unless what a page promises about an expression holds; `line` is where. */
export function check(line: number, found: unknown, promised: string): void {
  if (!keeps(found, promised)) {
    throw new Error(`line ${line}: expected ${promised}, got ${JSON.stringify(found) ?? String(found)}`);
  }
}

/** A number agrees to the digits that the page shows, an integer to rounding; anything else is equal as JSON. */
function keeps(found: unknown, promised: string): boolean {
  const value: unknown = JSON.parse(promised);
  if (typeof value !== "number" || typeof found !== "number") {
    return JSON.stringify(found) === JSON.stringify(value);
  }
  const decimals = /\.(\d+)$/.exec(promised)?.[1]?.length;
  const tolerance = decimals === undefined ? 1e-9 * Math.max(1, Math.abs(value)) : 0.501 * 10 ** -decimals;
  return Math.abs(found - value) <= tolerance;
}

// Conversions of IEEE 754 numbers of 16 bits, by their bits: `Float16Array` is newer than the oldest Node we run on.

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The first number that would round to infinity: halfway between the largest float16, 65504, and 2¹⁶. */
export const halfLimit = 65520;

/**
 * The float16 nearest to a float32, ties to even, as its 16 bits: 1 of sign, 5 of exponent, 10 of fraction. Below 2⁻¹⁴
 * they are multiples of 2⁻²⁴. From `halfLimit` on infinity; NaN stays NaN.
 */
export function toHalf(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Normal: the exponent's bias goes from 127 to 15, 13 bits of fraction are rounded away, which may carry into it.
    return sign | roundOff(magnitude - 0x38000000, 13);
  }
  const shift = 126 - (magnitude >>> 23);
  return shift > 24 ? sign : sign | roundOff((magnitude & 0x7fffff) | 0x800000, shift);
}

/** Drops the last bits of a number, to the nearest that is left, ties to even. */
function roundOff(number: number, count: number): number {
  const odd = (number >>> count) & 1;
  return (number + (1 << (count - 1)) - 1 + odd) >>> count;
}

/** The number of a float16's bits: exact. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(half >>> 10) & 31, half & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The number of a bfloat16's bits, which are the first half of a float32's: exact. */
export function fromBrainHalf(half: number): number {
  bits[0] = half << 16;
  return float[0]!;
}

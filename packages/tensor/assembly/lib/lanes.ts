// Loads and stores of 1 to 3 float32 lanes, for the ends of rows that are not a multiple of 4 long.

/** The first `count` lanes from `pointer`, 0 < count < 4, the others 0; reads nothing beyond them. */
// @ts-ignore: decorator
@inline
export function loadLanes(pointer: usize, count: usize): v128 {
  if (count == 1) return v128.load32_zero(pointer);
  const two = v128.load64_zero(pointer);
  return count == 2 ? two : v128.load_lane<i32>(pointer, two, 2, 8);
}

/** Writes the first `count` lanes, 0 < count < 4, and nothing beyond them. */
// @ts-ignore: decorator
@inline
export function storeLanes(pointer: usize, value: v128, count: usize): void {
  v128.store_lane<i32>(pointer, value, 0);
  if (count > 1) v128.store_lane<i32>(pointer, value, 1, 4);
  if (count > 2) v128.store_lane<i32>(pointer, value, 2, 8);
}

/** The sum of the four lanes. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const pairs = f32x4.add(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/** The largest of the four lanes. */
// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  const pairs = f32x4.max(v, v128.shuffle<f32>(v, v, 2, 3, 2, 3));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

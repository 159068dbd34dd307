/** Floats as integers of the same order, lane by lane. */
// @ts-ignore: decorator
@inline
export function ordered(x: v128): v128 {
  return v128.xor(x, i32x4.shr_u(i32x4.shr_s(x, 31), 1));
}

/** `ordered` of one float. */
// @ts-ignore: decorator
@inline
export function orderedScalar(x: f32): i32 {
  const bits = reinterpret<i32>(x);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

/** The float of an ordered integer. */
// @ts-ignore: decorator
@inline
export function unordered(x: i32): f32 {
  return reinterpret<f32>(x ^ ((x >> 31) & 0x7fffffff));
}

/** How many of `count` integers are at least `limit`. */
export function countAtLeast(values: usize, count: i32, limit: i32): i32 {
  const limits = i32x4.splat(limit);
  let counts = i32x4.splat(0);
  let e = 0;
  for (; e + 4 <= count; e += 4) {
    counts = i32x4.sub(counts, i32x4.ge_s(v128.load(values + ((e as usize) << 2)), limits));
  }
  let total =
    i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (; e < count; e++) total += (load<i32>(values + ((e as usize) << 2)) >= limit) as i32;
  return total;
}

/** The `rank`-th largest of `count` integers, 1 ≤ rank ≤ count, by halving their range; the order stays as it is. */
export function largest(values: usize, count: i32, rank: i32): i32 {
  let low = extreme(values, count, false);
  let high = extreme(values, count, true);
  // At least `rank` values are ≥ low; fewer are ≥ high + 1.
  while (low < high) {
    const middle = ((low as i64) + (((high as i64) - (low as i64) + 1) >> 1)) as i32;
    const above = countAtLeast(values, count, middle);
    if (above == rank) return smallestAtLeast(values, count, middle);
    if (above > rank) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The largest or the smallest of `count` integers. */
function extreme(values: usize, count: i32, most: bool): i32 {
  const last = values + ((count as usize) << 2) - 16;
  let lanes = v128.load32_splat(values);
  for (let at = values; at < last; at += 16) {
    lanes = most ? i32x4.max_s(lanes, v128.load(at)) : i32x4.min_s(lanes, v128.load(at));
  }
  for (let e = max(count - 4, 0); e < count; e++) {
    const value = v128.load32_splat(values + ((e as usize) << 2));
    lanes = most ? i32x4.max_s(lanes, value) : i32x4.min_s(lanes, value);
  }
  return most ? max(max(i32x4.extract_lane(lanes, 0), i32x4.extract_lane(lanes, 1)), max(i32x4.extract_lane(lanes, 2), i32x4.extract_lane(lanes, 3)))
    : min(min(i32x4.extract_lane(lanes, 0), i32x4.extract_lane(lanes, 1)), min(i32x4.extract_lane(lanes, 2), i32x4.extract_lane(lanes, 3)));
}

function smallestAtLeast(values: usize, count: i32, limit: i32): i32 {
  let smallest = i32.MAX_VALUE;
  for (let e = 0; e < count; e++) {
    const value = load<i32>(values + ((e as usize) << 2));
    smallest = select(min(smallest, value), smallest, value >= limit);
  }
  return smallest;
}

/** The `rank`-th lowest index among the entries whose value is `tie`; −1 for rank 0. */
export function lowestTie(values: usize, indices: usize, count: i32, tie: i32, rank: i32): i32 {
  let last = -1;
  for (; rank > 0; rank--) {
    let next = i32.MAX_VALUE;
    for (let e = 0; e < count; e++) {
      const j = load<i32>(indices + ((e as usize) << 2));
      if (load<i32>(values + ((e as usize) << 2)) == tie && j > last && j < next) next = j;
    }
    last = next;
  }
  return last;
}

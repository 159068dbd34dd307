import { fold, rotationBits } from "../../../tensor/assembly/lib/random";
import { storePackingOrders } from "../lib/packing";

// The second stage of a sample: of the entries that the forward pass kept, with estimates Ŵ, the backward pass keeps those
// that matter for its gradient, entry e of a row with q₂ = min(1, λ·x), where the worth x = f·Ŵ and f is how much the
// gradient moves with the entry. Given the first stage that is unbiased for any f and λ. No q₂ is below 2⁻²⁴.

const GOLDEN_STEP: i32 = 0x9e3779b9;

// @ts-ignore: decorator
@inline
const ONE: f32 = 16777216.0;

/** The stream below the sample's key that the second stage draws from; heads use those from 0 on. */
// @ts-ignore: decorator
@inline
const SECOND_STAGE: u32 = 0xffffffff;

/**
 * For each block of `block` entries (a multiple of 4) the sum of the worths x with λ·x < 1 and the number of all others, as
 * a pair in `sums`: what a step of Newton's method on `Σ min(1, λ·x) = count` takes. The range counts blocks.
 */
export function attentionThinSum(
  begin: i32, end: i32, _scratch: usize, worths: usize, nnz: i32, block: i32, lambda: f32, sums: usize,
): void {
  const one = f32x4.splat(1);
  const factor = f32x4.splat(lambda);
  for (let unit = begin; unit < end; unit++) {
    const last = min((unit + 1) * block, nnz);
    let e = unit * block;
    let sum = f32x4.splat(0);
    let counts = i32x4.splat(0);
    for (; e + 4 <= last; e += 4) {
      const worth = v128.load(worths + ((e as usize) << 2));
      const below = f32x4.lt(f32x4.mul(worth, factor), one);
      sum = f32x4.add(sum, v128.and(worth, below));
      counts = i32x4.sub(counts, v128.not(below));
    }
    let total = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
    let count = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1) + i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
    for (; e < last; e++) {
      const worth = load<f32>(worths + ((e as usize) << 2));
      if (worth * lambda < 1) total += worth;
      else count++;
    }
    store<f32>(sums + ((unit as usize) << 3), total);
    store<f32>(sums + ((unit as usize) << 3), count as f32, 4);
  }
}

/** q₂·2²⁴ of four entries, rounded up to whole numbers of at least 1: the probability that a draw really has. */
// @ts-ignore: decorator
@inline
function probabilities(worths: usize, lambda: v128, one: v128, ones: v128): v128 {
  const q = f32x4.mul(f32x4.pmin(one, f32x4.mul(lambda, v128.load(worths))), ones);
  return f32x4.pmax(one, f32x4.ceil(q));
}

/**
 * The entries of each row that the second stage keeps: draw r of a row, by rotation, decides on its r-th entry. Without
 * `indicesTo` it leaves counts in `counts[rows]`; else it writes the entries from `counts[row]` on, which are the starts
 * then, with the estimates Ŵ/q₂ and (unless 0) the factors 1/(q·q₂). The range counts the rows of Ŵ. `worths` may be read
 * three places past its end; the scratch holds 256 bytes.
 */
export function attentionThinKeep(
  begin: i32, end: i32, scratch: usize,
  indptr: usize, indices: usize, data: usize, factors: usize, worths: usize, n: i32, lambda: f32, k0: u32, k1: u32,
  counts: usize, indicesTo: usize, dataTo: usize, factorsTo: usize,
): void {
  const key = fold((k0 as u64) | ((k1 as u64) << 32), SECOND_STAGE);
  const multiplier = f32x4.splat(lambda);
  const one = f32x4.splat(1);
  const ones = f32x4.splat(ONE);
  const step = i32x4.splat(4 * GOLDEN_STEP);
  storePackingOrders(scratch);
  const ramp = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(GOLDEN_STEP));
  let headKey = fold(key, (begin / n) as u32);
  for (let row = begin; row < end; row++) {
    if (row % n == 0) headKey = fold(key, (row / n) as u32);
    const rowKey = fold(headKey, (row % n) as u32);
    let bits = i32x4.add(i32x4.splat(rotationBits(rowKey, 0)), ramp);
    const last = load<u32>(indptr + ((row as usize) << 2), 4) as i32;
    let place = load<u32>(counts + ((row as usize) << 2)) as i32;
    const rowEnd = load<u32>(counts + ((row as usize) << 2), 4) as i32;
    let count = 0;
    for (let e = load<u32>(indptr + ((row as usize) << 2)) as i32; e < last; e += 4) {
      const at = (e as usize) << 2;
      const q = probabilities(worths + at, multiplier, one, ones);
      let pass = i32x4.bitmask(f32x4.lt(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), q));
      if (last - e < 4) pass &= (1 << (last - e)) - 1;
      bits = i32x4.add(bits, step);
      if (indicesTo == 0) {
        count += popcnt(pass);
        continue;
      }
      if (last - e >= 4 && place + 4 <= rowEnd) {
        // Four at a time, of which those that count come first.
        const order = v128.load(scratch + ((pass as usize) << 4));
        const inverse = f32x4.div(ones, q);
        const to = (place as usize) << 2;
        v128.store(indicesTo + to, i8x16.swizzle(v128.load(indices + at), order));
        v128.store(dataTo + to, i8x16.swizzle(f32x4.mul(v128.load(data + at), inverse), order));
        if (factorsTo != 0) v128.store(factorsTo + to, i8x16.swizzle(f32x4.mul(v128.load(factors + at), inverse), order));
        place += popcnt(pass);
        continue;
      }
      for (; pass != 0; pass &= pass - 1) {
        const from = at + ((ctz(pass) as usize) << 2);
        const to = (place as usize) << 2;
        const inverse = inverseOf(load<f32>(worths + from) * lambda);
        store<u32>(indicesTo + to, load<u32>(indices + from));
        store<f32>(dataTo + to, load<f32>(data + from) * inverse);
        if (factorsTo != 0) store<f32>(factorsTo + to, load<f32>(factors + from) * inverse);
        place++;
      }
    }
    if (indicesTo == 0) store<i32>(counts + ((row as usize) << 2), count);
  }
}

/** 1/q₂ of one entry, the same as `probabilities` has it; 1 for NaN. */
// @ts-ignore: decorator
@inline
function inverseOf(q: f32): f32 {
  if (!(q < 1)) return 1;
  return ONE / max<f32>(1, ceil<f32>(q * ONE));
}

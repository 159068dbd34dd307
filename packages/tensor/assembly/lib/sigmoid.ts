import { expPs } from "./exp";

/** 1 / (1 + e⁻ˣ), lane by lane. `table` holds the constants of `expPs`, of which offset 48 is 1. */
// @ts-ignore: decorator
@inline
export function sigmoidPs(x: v128, table: usize): v128 {
  const one = v128.load32_splat(table, 48);
  return f32x4.div(one, f32x4.add(one, expPs(f32x4.neg(x), table)));
}

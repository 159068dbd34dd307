/** The shapes of a product, and how its operands are stored. */
export interface MatmulSizes {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly accumulate: boolean;
}

/** The λ for which `Σ min(1, λ·w) = count`; more than `count` weights are positive. */
export function multiplier(weights: Float64Array, count: number): number {
  const ascending = weights.toSorted();
  const sums = new Float64Array(weights.length + 1);
  ascending.forEach((w, i) => {
    sums[i + 1] = sums[i]! + w;
  });
  // The largest weights are capped, as many as it takes for the others to stay below 1.
  let uncapped = weights.length;
  while (ascending[uncapped - 1]! * (count - (weights.length - uncapped)) > sums[uncapped]!) uncapped--;
  return (count - (weights.length - uncapped)) / sums[uncapped]!;
}

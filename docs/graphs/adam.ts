/** Adam (Kingma, Ba 2015) on a plain vector, in place: a new optimiser for `parameters`, which takes gradients. */
export function adam(
  parameters: Float64Array,
  learningRate: number,
  { beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8 }: { beta1?: number; beta2?: number; epsilon?: number } = {},
): (gradient: ArrayLike<number>) => void {
  const m = new Float64Array(parameters.length);
  const v = new Float64Array(parameters.length);
  let step = 0;
  return (gradient) => {
    step++;
    for (let i = 0; i < parameters.length; i++) {
      m[i] = beta1 * m[i]! + (1 - beta1) * gradient[i]!;
      v[i] = beta2 * v[i]! + (1 - beta2) * gradient[i]! ** 2;
      const mean = m[i]! / (1 - beta1 ** step);
      const deviation = Math.sqrt(v[i]! / (1 - beta2 ** step));
      parameters[i] = parameters[i]! - (learningRate * mean) / (deviation + epsilon);
    }
  };
}

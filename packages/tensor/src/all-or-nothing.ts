/**
 * Runs `make`, which builds something out of several disposables and calls `own` on each as it comes: where it throws,
 * those made so far are disposed, so that a call that fails leaves no memory behind.
 */
export function allOrNothing<R>(make: (own: <D extends Disposable>(made: D) => D) => R): R {
  const made: Disposable[] = [];
  try {
    return make((one) => {
      made.push(one);
      return one;
    });
  } catch (error) {
    for (const one of made) one[Symbol.dispose]();
    throw error;
  }
}

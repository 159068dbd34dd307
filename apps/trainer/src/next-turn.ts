/** Lets what waits have its turn: signals in Node, the page in a browser. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

/** A text in which later words follow from earlier ones. */
export const woodchuck: string = Array.from(
  { length: 400 },
  (_, i) =>
    `How much wood would ${["a woodchuck", "the beaver", "my uncle"][(i * i) % 3]} chuck on day ${i}? `,
).join("");

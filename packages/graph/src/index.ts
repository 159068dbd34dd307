export type { Edge, Node, VectorSpace } from "./node.ts";
export { independent, type Random, realised, rotation } from "./random/random.ts";
export { type Key, threefry } from "./random/threefry.ts";
export { fold, independentBits, key, resolution, rotationBits, toUniform } from "./random/uniform.ts";

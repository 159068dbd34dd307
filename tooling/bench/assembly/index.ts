export { arithmetic } from "./arithmetic";
export { copy } from "./copy";

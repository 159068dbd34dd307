export { add } from "./add";

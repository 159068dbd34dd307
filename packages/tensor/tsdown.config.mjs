import { library } from "@sus/build/tsdown";

export default library({
  index: "src/index.ts",
  graph: "src/graph/index.ts",
  node: "src/node/index.ts",
});

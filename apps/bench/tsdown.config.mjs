import { library } from "@sus/build/tsdown";

// Suites stand beside the operations they measure, as sources, so they are bundled from there. So are the gradients of
// TensorFlow.js, which come as modules that Node can't load.
export default library(
  { main: "src/main.ts", peak: "src/suites/peers/peak.ts" },
  {
    platform: "node",
    dts: false,
    inputOptions: { resolve: { conditionNames: ["@sus/source", "node", "import", "default"] } },
    deps: { alwaysBundle: [/^@sus\//, /^@tensorflow\/tfjs-core\/dist\//] },
  },
);

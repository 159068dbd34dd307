import { library } from "@sus/build/tsdown";

// Suites stand beside the operations they measure, as sources, so they are bundled from there.
export default library(
  { main: "src/main.ts" },
  {
    platform: "node",
    dts: false,
    inputOptions: { resolve: { conditionNames: ["@sus/source", "node", "import", "default"] } },
    deps: { alwaysBundle: [/^@sus\//] },
  },
);

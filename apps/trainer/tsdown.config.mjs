import { library } from "@sus/build/tsdown";

export default library(
  { cli: "src/cli.ts", start: "src/start.ts" },
  { platform: "node", target: "node22", dts: false },
);

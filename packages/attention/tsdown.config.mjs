import { library } from "@sus/build/tsdown";

export default library({ index: "src/index.ts" });

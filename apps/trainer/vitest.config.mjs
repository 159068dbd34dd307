import { project } from "@sus/build/vitest";

export default project("trainer", { globalSetup: "./test/bundle.ts" });

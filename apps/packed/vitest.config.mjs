import { project } from "@sus/build/vitest";

export default project("packed", { testTimeout: 180_000, hookTimeout: 180_000 });

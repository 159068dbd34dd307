import { project } from "@sus/build/vitest";

export default project("trainer");

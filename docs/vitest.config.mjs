import { project } from "@sus/build/vitest";
import { pages } from "./snippets/plugin.ts";

const config = project("docs", { testTimeout: 120_000 });

export default { ...config, plugins: [...config.plugins, pages()] };

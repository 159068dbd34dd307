import { kernels } from "@sus/kernels";
import { defineProject } from "vitest/config";

/** Tests run on the sources: no build comes first, and anything printed to the console fails the test. */
export function project(name, options = {}) {
  return defineProject({
    plugins: [kernels()],
    resolve: { conditions: ["@sus/source"] },
    ssr: { resolve: { conditions: ["@sus/source", "node", "module-sync", "default"] } },
    test: {
      name,
      include: ["{src,test}/**/*.test.ts"],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      ...options,
    },
  });
}

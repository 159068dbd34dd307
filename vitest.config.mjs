import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: ["packages/*", "apps/*", "docs", "tooling/bench"],
    onConsoleLog(log, type) {
      throw new Error(`a test printed to ${type}: ${log}`);
    },
  },
});

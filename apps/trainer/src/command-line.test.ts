import { afterEach, expect, test, vi } from "vitest";
import { commandLine } from "./command-line.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("names the command that works where the program was started from", () => {
  vi.stubEnv("npm_lifecycle_event", "start");
  expect(commandLine("sample", "runs/start")).toBe("npm run sus -- sample runs/start");
  vi.stubEnv("npm_lifecycle_event", undefined);
  expect(commandLine("sample", "runs/start")).toBe("sus sample runs/start");
});

test("quotes what a shell would take apart", () => {
  vi.stubEnv("npm_lifecycle_event", undefined);
  expect(commandLine("train", "--resume", "my runs/it's")).toBe("sus train --resume 'my runs/it'\\''s'");
});

import type { TestProjectInlineConfiguration } from "vitest/config";
/** Tests run on the sources: no build comes first, and anything printed to the console fails the test. */
export declare function project(
  name: string,
  options?: TestProjectInlineConfiguration["test"],
): TestProjectInlineConfiguration;

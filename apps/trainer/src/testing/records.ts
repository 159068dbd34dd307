import type { Config } from "../run-folder/config.ts";
import type { StepRecord } from "../run-folder/record.ts";
import { resolveSettings } from "../settings.ts";

/** Steps 1 to `count` of a run that gets better all the time; held-out text is looked at every tenth step. */
export function exampleRecords(count: number): StepRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    step: index + 1,
    bitsPerByte: 8 - index / count,
    heldOut: (index + 1) % 10 === 0 ? 8 - index / count : null,
    learningRate: 0.001,
    gradientNorm: 0.5,
    keptPerRow: 20 + (index % 2),
    milliseconds: { step: 100 + index, attentionForward: 25, attentionBackward: 10 },
  }));
}

/** The configuration of a run with default settings but for those given. */
export function exampleConfig(given: Readonly<Record<string, unknown>> = {}): Config {
  return {
    format: 1,
    settings: resolveSettings(given),
    text: { name: "a <text> & more", bytes: 1234, sha256: "00ff" },
  };
}

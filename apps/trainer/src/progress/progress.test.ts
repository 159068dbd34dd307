import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { exampleRecords } from "../testing/records.ts";
import { paceOf } from "./pace.ts";
import { showProgress } from "./progress.ts";

const run = { steps: 40, tokensPerStep: 1000 };

function output(isTTY: boolean): { stream: PassThrough; text: () => string } {
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY, columns: 200, rows: 40 });
  return { stream, text: () => String(stream.read() ?? "") };
}

describe("pace", () => {
  test("follows the steps it is given", () => {
    const [first, second] = exampleRecords(2);
    const pace = paceOf([first!, second!], run);
    expect(pace.tokensPerSecond).toBeCloseTo((1000 * 2000) / 201, 10);
    expect(pace.left).toBeCloseTo(100.5 * 38, 10);
    expect(pace.shares!.attentionForward).toBeCloseTo(50 / 201, 10);
    expect(pace.shares!.attentionBackward).toBeCloseTo(20 / 201, 10);
    expect(pace.shares!.rest).toBeCloseTo(131 / 201, 10);
  });

  test("has no shares where a step's parts were not timed", () => {
    const [first, second] = exampleRecords(2);
    const pace = paceOf([first!, { ...second!, milliseconds: { step: 101 } }], run);
    expect(pace.tokensPerSecond).toBeCloseTo((1000 * 2000) / 201, 10);
    expect(pace.shares).toBeUndefined();
  });
});

describe("progress", () => {
  test("is plain lines away from a terminal: the first step, one each ten seconds, the last", () => {
    const { stream, text } = output(false);
    let now = 0;
    const progress = showProgress(run, stream, () => now);
    for (const record of exampleRecords(40)) {
      progress.step(record);
      now += 1000;
    }
    progress.say("That was it.");
    progress.end();
    const lines = text().split("\n");
    expect(lines.map((line) => line.slice(0, 12))).toEqual([
      "step 1/40, 8",
      "step 11/40, ",
      "step 21/40, ",
      "step 31/40, ",
      "step 40/40, ",
      "That was it.",
      "",
    ]);
    expect(lines[1]).toBe(
      "step 11/40, 7.75 bits per byte (held out 7.78), 9,524 tokens/s, " +
        "attention forward 24 %, backward 10 %, rest 67 %, 3 s left",
    );
  });

  test("is a bar in a terminal, drawn over itself, with messages above it", () => {
    const { stream, text } = output(true);
    let now = 0;
    const progress = showProgress(run, stream, () => now);
    const records = exampleRecords(40);
    progress.step(records[0]!);
    text();
    now += 49;
    progress.step(records[18]!);
    expect(text()).toBe("");
    now += 1;
    progress.step(records[19]!);
    const drawn = text();
    expect(drawn).toContain("\u001b[");
    expect(stripVTControlCharacters(drawn)).toContain(`${"█".repeat(15)}${"░".repeat(15)} step 20/40, 7.53`);
    progress.say("Hello.");
    expect(stripVTControlCharacters(text())).toContain("Hello.\n");
    progress.step(records[20]!);
    progress.end();
    expect(stripVTControlCharacters(text())).toContain("step 21/40");
  });
});

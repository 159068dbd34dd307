import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { summarise } from "../run-folder/summary.ts";
import { exampleConfig, exampleRecords } from "../testing/records.ts";
import { inBins } from "./bins.ts";
import { renderReport } from "./report.ts";

function report(steps: number, given: Readonly<Record<string, unknown>> = {}): string {
  const config = exampleConfig({ steps: 40, ...given });
  const records = exampleRecords(steps);
  const summary = summarise(config, records, {
    device: { name: "a device", threads: 1 },
    parameters: 819_328,
    heldOutBefore: 8,
    comparison: steps === 40 ? { sampled: 10, exact: 85 } : null,
  });
  return renderReport(config, records, summary);
}

describe("renderReport", () => {
  test("has the figures, a loss curve and a time split", () => {
    const { document } = parseHTML(report(40));
    const figures = [...document.querySelectorAll(".figures div")].map((figure) => figure.textContent);
    expect(figures).toEqual([
      "Held-out bits per byte7.038.00 before training",
      "Attention gradient cut98.0 %20.5 of 1,025 weights kept a row",
      "Attention backward10 msa step; exact: 85 ms, 8.5×",
      "Tokens per second17,13881,920 tokens, 120 ms a step",
    ]);
    const [loss, time] = document.querySelectorAll("svg");
    expect(loss!.querySelectorAll("circle")).toHaveLength(5);
    expect(loss!.querySelectorAll('path[stroke="var(--loss)"], g[stroke="var(--loss)"] path')).toHaveLength(
      1,
    );
    for (const part of ["--attention-forward", "--attention-backward", "--rest"]) {
      expect(time!.querySelectorAll(`rect[fill="var(${part})"]`)).toHaveLength(40);
    }
  });

  test("says how many exact steps went first", () => {
    const head = (html: string) => parseHTML(html).document.querySelector("main > p")!.textContent;
    expect(head(report(40, { exactFirst: 12 }))).toContain("(bernoulli, c = 30) after 12 exact steps");
    expect(head(report(40, { exactFirst: 0 }))).not.toContain("exact steps");
  });

  test("plots what probes found, where there were any", () => {
    const settings = exampleConfig({ steps: 40, variance: 0.01 });
    const records = exampleRecords(40).map((record, i) =>
      i % 10 === 9
        ? { ...record, probe: { kept: [[30, 12]], noise: [[0.01, 0.002]], c: [[40, 15]] } }
        : record,
    );
    const summary = summarise(settings, records, {
      device: { name: "a device", threads: 1 },
      parameters: 1000,
      heldOutBefore: 8,
      comparison: null,
    });
    const { document } = parseHTML(renderReport(settings, records, summary));
    const circles = (label: string) =>
      document.querySelector(`svg[aria-label="${label}"]`)!.querySelectorAll("circle");
    expect(document.querySelector("main > p")!.textContent).toContain("budgets for 1.0 % extra variance");
    expect(document.querySelector(".figures")!.textContent).toContain(
      "Extra variance1.2 %by the later half of the probes; asked for: 1.0 %",
    );
    expect(circles("Extra variance by step")).toHaveLength(4);
    expect(circles("Kept weights by step")).toHaveLength(8);
    expect(report(40, { variance: 0.01 })).not.toContain("Variance held by budgets");
  });

  test("needs no other file and shows text as text", () => {
    const html = report(40);
    expect(html).not.toMatch(/<script|<link|src=|url\(|https?:(?!\/\/www\.w3\.org)/);
    expect(html).toContain("trained on a &lt;text&gt; &amp; more");
    expect(html).not.toContain("a <text>");
    expect(html).toContain("prefers-color-scheme: dark");
  });

  test("says what a run that was stopped has not measured", () => {
    const { document } = parseHTML(report(15));
    expect(document.querySelector("main > p")!.textContent).toContain("15 of 40 steps");
    expect(document.querySelector(".figures dd")!.textContent).toBe("not measured");
    expect(document.body.textContent).not.toContain("exact: ");
  });

  test("stays small however long the run was", () => {
    expect(report(20_000).length).toBeLessThan(150_000);
  });
});

test("bins hold the means of equally many steps", () => {
  const bins = inBins(exampleRecords(7), 3);
  expect(bins.map(({ from, to, step }) => [from, to, step])).toEqual([
    [0, 3, 2],
    [3, 6, 5],
    [6, 7, 7],
  ]);
  expect(bins[0]).toMatchObject({ attentionForward: 25, attentionBackward: 10 });
  expect(bins[0]!.rest).toBeCloseTo(66, 10);
});

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { readResults } from "../results/folder.ts";
import type { Results } from "../results/lines.ts";
import { renderPage } from "./page.ts";

const run = {
  description: "what the columns mean",
  date: "2026-11-24",
  quick: false,
  processor: "A processor",
  cores: 8,
  memoryGiB: 16,
  runtime: "Node 24",
  load: 0.1,
};
const step: Results = {
  ...run,
  suite: "step",
  rows: [1024, 2048].flatMap((n) => [
    { suite: "step", n, estimator: "exact", stepMs: n },
    { suite: "step", n, estimator: "sampled", stepMs: n / 2, ratio: 2 },
  ]),
};
const peers: Results = {
  ...run,
  suite: "peers",
  rows: [1, 2].map((threads) => ({
    ...{ suite: "peers", case: "attention", peer: "jax-js", n: 1024, threads },
    ...{ oursMs: 4, oursExactMs: 8, peerMs: 80 },
  })),
};
const page = (...all: Results[]) =>
  renderPage(new Map(all.map((results) => [results.suite, results])), "results");

describe("the page", () => {
  test("names the machine once for all suites of a run, and what the columns mean", () => {
    const { markdown } = page(step, peers);
    expect(markdown).toContain(
      "| step, peers | 2026-11-24 | A processor, 8 cores, 16 GiB | Node 24 | 0.1 | full |",
    );
    expect(markdown).toContain("What the columns mean.");
    expect(markdown).toContain("| 2048 | sampled | 1024 | 2 |");
    expect(markdown).not.toContain("Other work");
  });

  test("says where other work ran meanwhile and where it was only a look", () => {
    const { markdown } = page({ ...step, load: 2.5, quick: true });
    expect(markdown).toContain("**Other work ran on the machine meanwhile.**");
    expect(markdown).toContain("| 2.5 | a quick look |");
  });

  test("has a section for a suite that it knows nothing of", () => {
    const { markdown } = page({ ...run, suite: "new", rows: [{ suite: "new", someMs: 1.5 }] });
    expect(markdown).toContain("## new\n\nWhat the columns mean.\n\n| some, ms |");
  });

  test("draws a line for each side, in a document that stands alone", () => {
    const { markdown, charts } = page(step, peers);
    expect([...charts.keys()]).toEqual(["step.svg", "peers.svg"]);
    for (const file of charts.keys()) expect(markdown).toContain(`(results/${file})`);
    const texts = [...charts.values()].map((svg) => {
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      const { document } = parseHTML(svg);
      return [...document.querySelectorAll("text")].map((text) => text.textContent);
    });
    expect(texts[0]).toEqual(expect.arrayContaining(["1024", "2048", "1000", "exact", "sampled, c = 30"]));
    expect(texts[1]).toEqual(expect.arrayContaining(["exact", "sampled, c = 30", "jax-js"]));
    expect(texts[1]).not.toContain("TensorFlow.js");
  });

  test("goes on with the suite of attention where the peers stop", () => {
    const attention = [1024, 4096].map((n) => ({
      ...{ suite: "attention", n, d: 64, threads: 1 },
      ...{ forward: 50, backwardExact: 110, forwardBernoulli: 60, backward: 5 },
    }));
    const { charts } = page(peers, { ...run, suite: "attention", rows: attention });
    const { document } = parseHTML(charts.get("peers.svg")!);
    expect(document.querySelectorAll("circle")).toHaveLength(2 + 2 + 1);
  });

  test("has times, ratios and growth of attention apart", () => {
    const names = { suite: "attention", n: 2048, d: 64, c: 30, threads: 1, rows: "real", heads: 16 };
    const rows = [
      { ...names, forward: 20, backwardExact: 40, sampling: 0.25, forwardShare: 0.8 },
      { ...names, n: 4096, backward: 5, growth: 2.125, backwardPlain: 4, growthPlain: 2 },
    ];
    const { markdown } = page({ ...run, suite: "attention", rows });
    expect(markdown).toContain("| n | threads | rows | heads | forward | backward exact |\n");
    expect(markdown).toContain("| 2048 | 1 | real | 16 | 0.250 | 80 % |");
    expect(markdown).toContain("| 4096 | 1 | 5 | 2.13 | 4 | 2 |");
  });

  test("that is committed is what its lines give", async () => {
    const folder = fileURLToPath(new URL("../../../../docs/benchmarks", import.meta.url));
    const { markdown, charts } = renderPage(await readResults(folder), "benchmarks");
    expect(await readFile(`${folder}.md`, "utf8")).toBe(markdown);
    for (const [name, svg] of charts) expect(await readFile(`${folder}/${name}`, "utf8")).toBe(svg);
  });
});

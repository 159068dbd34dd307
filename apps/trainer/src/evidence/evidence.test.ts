import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { resolveParitySettings } from "../parity/settings.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { trainedFolder } from "../testing/trained.ts";
import { Results, type Row } from "../variance/results.ts";
import { resolveVarianceSettings } from "../variance/settings.ts";
import { openStudy } from "../variance/study.ts";
import { percent } from "../variance/table.ts";
import { fingerprintOf, measureVariance } from "../variance/variance.ts";
import { readEvidence, takeParity, takeUpdates, takeVariance, writeEvidence } from "./folder.ts";
import { notMeasured, renderEvidence } from "./page.ts";
import { cellsOf, planeOf, varianceRecords, worstOf } from "./records.ts";
import { targetTable } from "./targets.ts";

const template = fileURLToPath(new URL("../../../../docs/evidence/template.md", import.meta.url));

let rows: readonly Row[] = [];

/** Measures a tiny model, once for all tests. */
async function measure(): Promise<void> {
  if (rows.length > 0) return;
  const settings = resolveVarianceSettings({
    ...{ checkpoint: await trainedFolder(), threads: 1, draws: 2, batches: 3, times: 1 },
    ...{ designs: ["paper", "two-stage"], kept: [3, 5], context: [40, 64] },
  });
  using study = await openStudy(settings);
  const results = await Results.open(null, fingerprintOf(study, settings), false);
  await measureVariance(study, settings, results, { between: () => {}, onCell: () => {} });
  rows = results.rows;
}

/** A folder with the template of the repository, or with this one, and the rows as those of a model "tiny". */
async function folderWith(text?: string): Promise<string> {
  await measure();
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const root = await temporaryFolder();
  const folder = join(root, "evidence");
  await mkdir(folder);
  await writeFile(join(folder, "template.md"), text ?? (await readFile(template, "utf8")));
  await writeFile(join(root, "rows.jsonl"), lines);
  await takeVariance(folder, "tiny", [join(root, "rows.jsonl")]);
  return folder;
}

const all = (design: string, n: number, kept: number) =>
  rows.find(
    (row) => row.group === "all" && row.design === design && row.n === n && row.asked === `kept=${kept}`,
  )!;

test("without any results each section says that it was not measured", async () => {
  const text = await readFile(template, "utf8");
  const { markdown, charts } = renderEvidence(text, { variance: [], parity: [], updates: [] }, "evidence");
  const marks = text.match(/\{\{/g)!.length;
  expect(markdown.split(/_Not measured yet\._|\(not measured yet\)/)).toHaveLength(marks + 1);
  expect(charts.size).toBe(0);
});

test("tables and numbers are those of the rows, and the page is the same when it is written again", async () => {
  const folder = await folderWith(
    "{{targets}}\n{{variance}}\n{{kept-chart}}\nIt was {{variance tiny paper 64 5}}, {{worst tiny two-stage 40 3}} at worst, and {{variance tiny paper 1 2}}.",
  );
  const page = await writeEvidence(folder);
  expect(page).toBe(`${folder}.md`);
  const markdown = await readFile(page, "utf8");
  const paper = all("paper", 64, 5);
  const range = `${percent(paper.relativeVariance)} (${percent(paper.low)} … ${percent(paper.high)})`;
  expect(markdown).toMatch(
    new RegExp(`\\| tiny \\| 64 \\| kept=5 \\| ${range.replace(/[().]/g, "\\$&")} \\|`),
  );
  const worst = Math.max(
    ...rows
      .filter((row) => row.design === "two-stage" && row.n === 40 && row.asked === "kept=3")
      .filter((row) => row.part !== null && row.layer !== null && row.head === null)
      .map((row) => row.relativeVariance),
  );
  expect(markdown).toContain(
    `It was ${percent(paper.relativeVariance)}, ${percent(worst)} at worst, and (not measured yet).`,
  );
  expect(markdown).toContain("![Variance against kept entries](evidence/kept.svg)");
  const names = await readdir(folder);
  expect(names).toEqual(
    expect.arrayContaining(["kept.svg", "length.svg", "plane.svg", "worst.svg", "plane.jsonl"]),
  );
  for (const name of names.filter((file) => file.endsWith(".svg"))) {
    const { document } = parseHTML(await readFile(join(folder, name), "utf8"));
    expect(document.querySelectorAll("circle").length, name).toBeGreaterThan(name === "plane.svg" ? 0 : 7);
    expect(document.documentElement.getAttribute("xmlns")).toBe("http://www.w3.org/2000/svg");
  }
  await writeEvidence(folder);
  expect(await readFile(page, "utf8")).toBe(markdown);
});

test("the plane has a row for each cell, with the time and the variance of the same run", async () => {
  const folder = await folderWith();
  await writeEvidence(folder);
  const plane = (await readFile(join(folder, "plane.jsonl"), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(plane).toHaveLength(8);
  const { kept, c, relativeVariance, times } = all("two-stage", 64, 5);
  expect(plane.find((row) => row.design === "two-stage" && row.n === 64 && row.c === c)).toEqual({
    ...{ model: "tiny", design: "two-stage", c, kept, n: 64, timeShare: times!.share, relativeVariance },
    ...{ worstGroup: expect.stringMatching(/^layers\.\d\.\w+$/), worstVariance: expect.any(Number) },
  });
});

test("of a cell that was measured twice the last one counts", async () => {
  const { variance } = await readEvidence(await folderWith());
  const again = variance.map((record) => ({ ...record, relativeVariance: 2 * record.relativeVariance }));
  const cells = cellsOf([...variance, ...again]);
  expect(cells).toHaveLength(8);
  expect(cells[0]!.all.relativeVariance).toBe(2 * variance[0]!.relativeVariance);
  expect(worstOf(cells[0]!.cell)!.relativeVariance).toBe(
    2 * worstOf(cellsOf(variance)[0]!.cell)!.relativeVariance,
  );
  expect(planeOf([...variance, ...again])).toHaveLength(8);
});

test("targets are met or not by the numbers", () => {
  const record = (design: string, n: number, asked: string, relativeVariance: number, share: number) => {
    const facts = {
      model: "m",
      design,
      n,
      asked,
      c: 30,
      kept: 30,
      draws: 1,
      batches: 3,
      dataBatches: 3,
      standardError: 0,
    };
    const times = { forward: 0.1, backward: share - 0.1, share, exactMilliseconds: 1 };
    const own = { ...facts, relativeVariance, low: relativeVariance, high: relativeVariance };
    const distances = [1, 1.1, 0.9].map((x) => x * relativeVariance);
    return [
      { ...own, group: "all", times, distances },
      { ...own, group: "layers.0.query", relativeVariance: 9 * relativeVariance },
    ];
  };
  const table = targetTable([
    ...record("paper", 2048, "kept=30", 0.02, 0.3),
    ...record("bernoulli", 2048, "kept=30", 0.006, 0.5),
    ...record("two-stage", 2048, "kept=30", 0.009, 0.35),
    ...record("bernoulli", 512, "kept=30", 0.02, 0.35),
    ...record("bernoulli", 8192, "kept=30", 0.0059, 0.2),
  ]);
  const lines = table.split("\n").slice(2);
  expect(lines[0]).toContain("| met: 0.600 % (0.600 % … 0.600 %), bernoulli, 30.0 kept |");
  expect(lines[1]).toContain("| not measured yet |");
  expect(lines[2]).toContain("| met: 0.30 (0.30 … 0.30), bernoulli |");
  expect(lines[3]).toContain("| met: 0.600 % → 0.590 %, bernoulli |");
  expect(lines[4]).toContain("| **not met**: 18.0 %, layers.0.query, bernoulli |");
  expect(lines[5]).toContain("| **not met**: 0.50 at 0.600 %, bernoulli, 30 kept |");
  // More noise at 8,192 than at 2,048, beyond doubt and not.
  const rise = (low: number) => {
    const [short, long] = [
      record("bernoulli", 2048, "kept=30", 0.006, 0.5),
      record("bernoulli", 8192, "kept=30", 0.007, 0.2),
    ];
    return targetTable([...short, ...long.map((row) => ({ ...row, low }))]).split("\n")[5];
  };
  expect(rise(0.0065)).toContain("| **not met**: 0.600 % → 0.700 %, bernoulli |");
  expect(rise(0.0055)).toContain("| undecided: 0.600 % → 0.700 %, bernoulli |");
  // Fast, and too noisy at any budget: measured, and not met.
  const noisy = [
    ...record("bernoulli", 2048, "kept=8", 0.03, 0.1),
    ...record("bernoulli", 2048, "kept=30", 0.02, 0.3),
  ];
  expect(targetTable(noisy).split("\n")[7]).toContain("| **not met**: 0.30 at 2.00 %, bernoulli, 30 kept |");
});

test("budgets that layers or heads share out are held against the same for all, in a table of their own", async () => {
  await measure();
  const [row, part] = [all("paper", 64, 5), rows.find(({ group }) => group === "layers.0.query")!];
  const shared = [
    { ...row, design: "paper, heads", relativeVariance: 0.0123 },
    { ...part, ...{ n: 64, asked: "kept=5", design: "paper, heads", relativeVariance: 0.5 } },
  ];
  const records = varianceRecords("tiny", [...rows, ...shared]);
  const { markdown } = renderEvidence(
    "{{budgets}}\n\n{{variance}}",
    { variance: records, parity: [], updates: [] },
    "x",
  );
  const [budgets, variances] = markdown.split("\n\n");
  expect(budgets).toContain(
    `| tiny | 64 | kept=5 | paper | heads | ${percent(row.relativeVariance)} | 1.23 % |`,
  );
  expect(budgets).toContain("| 50.0 %, 0.query |");
  expect(budgets!.split("\n")).toHaveLength(3);
  expect(variances).not.toContain("heads");
});

test("takes the results of a comparison, without the paths of the machine", async () => {
  const folder = await folderWith(
    "{{parity}}\n{{gap short bernoulli, c = 3}}\n{{gap-time short bernoulli, c = 3}}\n{{gap short paper, c = 3}} alone",
  );
  const parity = join(dirname(folder), "parity");
  await mkdir(parity);
  const settings = resolveParitySettings({ data: join(parity, "text.txt"), seeds: 3, c: [3], steps: 4 });
  const difference = { value: 0.01, standardError: 0.001, low: 0.005, high: 0.015 };
  const ahead = { value: -0.2, standardError: 0.01, low: -0.25, high: -0.15 };
  const arm = (name: string, atSteps: readonly unknown[], atTime: unknown = null) => ({
    ...{ arm: name, runs: 3, steps: 4, keptPerRow: 3, millisecondsPerStep: 10, heldOut: 2.5 },
    ...{ curve: [{ step: 4, loss: 2.5 }], atSteps, atTime },
  });
  const results = [
    arm("exact", []),
    arm(
      "bernoulli, c = 3",
      [2, 4].map((step) => ({ step, difference })),
      { seconds: 0.04, difference: ahead },
    ),
    // One order has no interval.
    arm("paper, c = 3", [{ step: 4, difference: { ...difference, low: -Infinity, high: Infinity } }]),
  ];
  await writeFile(join(parity, "parity.json"), JSON.stringify(settings, null, 2));
  await writeFile(
    join(parity, "results.jsonl"),
    results.map((result) => `${JSON.stringify(result)}\n`).join(""),
  );
  await takeParity(folder, "short", parity);
  expect(await readFile(join(folder, "parity-short.jsonl"), "utf8")).not.toContain(parity);
  const markdown = await readFile(await writeEvidence(folder), "utf8");
  expect(markdown).toContain(
    "| bernoulli, c = 3 | 3 | 4 | 3.0 | 10 | 2.5000 | +0.0100 (+0.0050 … +0.0150) | −0.2000 (−0.2500 … −0.1500) |",
  );
  expect(markdown).toContain("\n+0.0100 (+0.0050 … +0.0150)\n−0.2000 (−0.2500 … −0.1500)");
  expect(markdown).toContain("\n+0.0100 alone");
  expect(markdown).not.toContain(notMeasured);
});

test("takes what the optimiser makes of noise", async () => {
  const folder = await folderWith(
    "{{updates}}\n\n{{error early top-k 10 query update}} {{signal early top-k 10 query gradient}} {{error early paper 10 query update}} {{error early top-k 20 query update}}",
  );
  const row = (design: string, group: string, stage: string, error: number, signal: number) => ({
    ...{ design, c: 3, kept: 2.5, from: 1, to: 10, group, stage, orders: 4 },
    ...{ error, errorLow: error, errorHigh: error, signal, signalLow: signal, signalHigh: signal },
  });
  const found = ["all", "query"].flatMap((group) => [
    row("top-k", group, "gradient", 0.25, 0.5),
    row("top-k", group, "momentum", 0.125, 0.75),
    row("top-k", group, "update", 0.0625, 0.875),
    // Of a later window.
    { ...row("top-k", group, "update", 1, 1), from: 11, to: 20 },
  ]);
  const file = join(dirname(folder), "updates.jsonl");
  await writeFile(file, found.map((line) => `${JSON.stringify(line)}\n`).join(""));
  await takeUpdates(folder, "early", file);
  const markdown = await readFile(await writeEvidence(folder), "utf8");
  const lines = markdown.split("\n");
  expect(lines.slice(2, -2)).toHaveLength(2);
  const all = "25.0 % → 12.5 % → 6.25 %";
  const none = "– → – → –";
  expect(lines[2]).toBe(
    `| early | top-k | 1–10 | 2.5 | 4 | ${all} | ${all} | ${none} | ${none} | ${none} | 50.0 % → 87.5 % | – → – |`,
  );
  expect(lines.at(-1)).toBe("6.25 % 50.0 % (not measured yet) 100 %");
  await writeFile(file, "{}\n");
  await expect(takeUpdates(folder, "early", file)).rejects.toThrow(
    "expected rows of sus updates, got another file",
  );
});

test("refuses unknown marks, other files and a folder without a template", async () => {
  await expect(writeEvidence(await folderWith("{{nothing}}"))).rejects.toThrow(
    "template.md: expected a known mark, got {{nothing}}",
  );
  const folder = await folderWith();
  await writeFile(join(folder, "variance-broken.jsonl"), "{}\n");
  await expect(writeEvidence(folder)).rejects.toThrow("expected rows of variances, got another file at");
  await expect(takeVariance(folder, "none", [join(folder, "none.jsonl")])).rejects.toThrow(
    "--variance: expected results, got",
  );
  await expect(writeEvidence(await temporaryFolder())).rejects.toThrow("--folder: expected template.md in");
});

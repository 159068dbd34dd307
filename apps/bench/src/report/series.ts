import type { Row } from "@sus/bench-harness";
import type { Series } from "./chart.ts";

const peerTitles: Readonly<Record<string, string>> = { "jax-js": "jax-js", "tfjs-wasm": "TensorFlow.js" };

/** Rows of the suites that a chart needs; none where a suite has not run. */
export interface Rows {
  readonly step: readonly Row[];
  readonly peers: readonly Row[];
  readonly attention: readonly Row[];
}

/** A whole training step: ours on all cores, the peers on what they use. */
export function stepSeries({ step, peers }: Pick<Rows, "step" | "peers">): Series[] {
  const ofStep = (estimator: string) =>
    step.filter((row) => row["estimator"] === estimator && row["recompute"] !== "yes");
  return named([
    ["exact", pointsOf(ofStep("exact"), "stepMs")],
    ["sampled, c = 30", pointsOf(ofStep("sampled"), "stepMs")],
    ...peerSeries(peers, "step"),
  ]);
}

/** Attention forward and backward, one head of 64, all on one thread. Longer than the peers go: the suite `attention`. */
export function attentionSeries({ peers, attention }: Pick<Rows, "peers" | "attention">): Series[] {
  const beside = peers.filter((row) => row["case"] === "attention" && row["threads"] === 1);
  const longest = Math.max(0, ...beside.map((row) => Number(row["n"])));
  const beyond = attention.filter(
    (row) =>
      row["d"] === 64 &&
      row["threads"] === 1 &&
      row["rows"] !== "real" &&
      "forward" in row &&
      Number(row["n"]) > longest,
  );
  const ours = (column: string, forward: string, backward: string) => [
    ...pointsOf(beside, column),
    ...beyond.map((row) => ({ n: Number(row["n"]), ms: Number(row[forward]) + Number(row[backward]) })),
  ];
  return named([
    ["exact", ours("oursExactMs", "forward", "backwardExact")],
    ["sampled, c = 30", ours("oursMs", "forwardBernoulli", "backward")],
    ...peerSeries(peers, "attention"),
  ]);
}

function peerSeries(peers: readonly Row[], caseName: string): [string, Series["points"]][] {
  return Object.entries(peerTitles).map(([peer, title]) => [
    title,
    pointsOf(
      peers.filter((row) => row["case"] === caseName && row["peer"] === peer),
      "peerMs",
    ),
  ]);
}

/** One point a length, the first where several rows have it: each peer is measured beside several of ours. */
function pointsOf(rows: readonly Row[], column: string): Series["points"] {
  const byLength = new Map<number, number>();
  for (const row of rows) {
    const n = Number(row["n"]);
    if (!byLength.has(n)) byLength.set(n, Number(row[column]));
  }
  return [...byLength].map(([n, ms]) => ({ n, ms })).sort((a, b) => a.n - b.n);
}

function named(series: readonly [name: string, points: Series["points"]][]): Series[] {
  return series.filter(([, points]) => points.length > 0).map(([name, points]) => ({ name, points }));
}

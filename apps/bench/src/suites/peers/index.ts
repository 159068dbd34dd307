import { interleave, type Row, type Suite, type SuiteOptions, threadCounts } from "@sus/bench-harness";
import { expectAgreement } from "./agree.ts";
import { ours } from "./ours.ts";
import { idleMegabytes, peakMegabytes } from "./peak-memory.ts";
import { type CaseName, caseNames, loadPeer, type PeerName, peerNames, type Side } from "./side.ts";

const kept = 30;

/** Of the largest value of an array: float32 sums of some thousand terms, in two different orders. */
const tolerance = 1e-3;

const lengths = {
  attention: { quick: [1024], full: [1024, 2048, 4096] },
  step: { quick: [512], full: [512, 1024, 2048] },
} as const;

/** The same work in this project and in other libraries, in turns. */
export const suite: Suite = {
  name: "peers",
  minutes: 5,
  description:
    "forward and backward of causal attention (one head of 64), and a training step of the default model, in " +
    `milliseconds: ours sampled (c = ${kept}) and exact, jax-js with its step compiled by jit before, TensorFlow.js with ` +
    "SIMD. Neither of them has threads in Node (the threads of TensorFlow.js are for browsers), so the lines with one thread " +
    "compare like with like, and those with more show what they leave idle. MB at the peak of a process that does nothing else, " +
    "and beyond one that loads our code and computes nothing (idle)",
  async *rows(options) {
    for (const caseName of caseNames) {
      for (const n of lengths[caseName][options.quick ? "quick" : "full"]) {
        for (const peer of peerNames) yield* await measure(caseName, peer, n, options);
      }
    }
  },
};

async function measure(caseName: CaseName, peer: PeerName, n: number, options: SuiteOptions): Promise<Row[]> {
  using open = new DisposableStack();
  const library = await loadPeer(peer);
  const theirs = open.use(await library[caseName](n));
  const exact: Side[] = [];
  const sampled: Side[] = [];
  for (const threads of threadCounts(options)) {
    exact.push(open.use(await ours({ threads, c: "all" })[caseName](n)));
    sampled.push(open.use(await ours({ threads, c: kept })[caseName](n)));
  }
  await expectSameResults(`${peer}, ${caseName}, n = ${n}`, exact[0]!, theirs);
  const cases: Record<string, () => Promise<void>> = { peer: theirs.run };
  for (const [i, side] of exact.entries()) {
    cases[`exact ${i}`] = side.run;
    cases[`sampled ${i}`] = sampled[i]!.run;
  }
  const rounds = options.quick || caseName === "step" ? 3 : 5;
  const milliseconds = await interleave(cases, { rounds });
  open.dispose();

  const rows: Row[] = [];
  const peerPeakMb = await peakMegabytes(caseName, n, peer);
  const idlePeakMb = await idleMegabytes();
  for (const [i, { threads }] of exact.entries()) {
    const [oursMs, oursExactMs] = [milliseconds[`sampled ${i}`]!, milliseconds[`exact ${i}`]!];
    const [peerMs, peerThreads] = [milliseconds["peer"]!, theirs.threads];
    const oursPeakMb = await peakMegabytes(caseName, n, { threads, c: kept });
    const names = { suite: "peers", case: caseName, peer, n, threads, peerThreads };
    rows.push({
      ...names,
      oursMs,
      oursExactMs,
      peerMs,
      ratio: peerMs / oursMs,
      oursPeakMb,
      peerPeakMb,
      idlePeakMb,
      oursBeyondIdleMb: oursPeakMb - idlePeakMb,
      peerBeyondIdleMb: peerPeakMb - idlePeakMb,
    });
  }
  return rows;
}

/** Compares the exact gradients at the start, and the losses after an update where runs are updates. */
async function expectSameResults(what: string, exact: Side, theirs: Side): Promise<void> {
  expectAgreement(what, await exact.gradient(), await theirs.gradient(), tolerance);
  await exact.run();
  await theirs.run();
  const [{ loss: ourLoss }, { loss: theirLoss }] = [await exact.gradient(), await theirs.gradient()];
  expectAgreement(`${what}, after one run`, { loss: ourLoss! }, { loss: theirLoss! }, tolerance);
}

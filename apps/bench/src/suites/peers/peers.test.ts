import { expect, test } from "vitest";
import { expectAgreement } from "./agree.ts";
import { ours } from "./ours.ts";
import { ownPeakMegabytes } from "./own-peak.ts";
import { caseNames, loadPeer, peerNames } from "./side.ts";

const n = 48;
const cases = peerNames.flatMap((peer) => caseNames.map((caseName) => [peer, caseName] as const));

test.each(cases)("%s computes the same %s as we do, before and after an update", async (peer, caseName) => {
  using theirs = await (await loadPeer(peer))[caseName](n);
  using exact = await ours({ threads: 1, c: "all" })[caseName](n);
  const start = await exact.gradient();
  expectAgreement(peer, start, await theirs.gradient(), 1e-4);
  await exact.run();
  await theirs.run();
  const after = await exact.gradient();
  expectAgreement(peer, { loss: after["loss"]! }, { loss: (await theirs.gradient())["loss"]! }, 1e-4);
  if (caseName === "step") expect(after["loss"]![0]).toBeLessThan(start["loss"]![0]! - 0.1);
});

test("a process knows its own peak", async () => {
  const before = await ownPeakMegabytes();
  const block = new Uint8Array(256 * 2 ** 20).fill(1);
  const after = await ownPeakMegabytes();
  expect(before).toBeGreaterThan(20);
  expect(after).toBeGreaterThanOrEqual(Math.max(before, block.length / 2 ** 20));
});

// A process of its own for `peakMegabytes`: does the work of one side twice, or nothing where none is named, and says what
// memory it took at most.
import { ours } from "./ours.ts";
import { ownPeakMegabytes } from "./own-peak.ts";
import { type CaseName, caseNames, loadPeer, type PeerName, peerNames } from "./side.ts";

const [caseName, sideName, length, threads, kept] = process.argv.slice(2);
if (caseName !== undefined) {
  if (!isOneOf(caseNames, caseName)) {
    throw new TypeError(`expected a case of ${caseNames.join(", ")}, got ${caseName}`);
  }
  const library = isOneOf(peerNames, sideName)
    ? await loadPeer(sideName)
    : ours({ threads: Number(threads), c: Number(kept) });
  using side = await library[caseName](Number(length));
  for (let run = 0; run < 2; run++) await side.run();
}
process.send?.(await ownPeakMegabytes());

function isOneOf<const Names extends readonly (CaseName | PeerName)[]>(
  names: Names,
  name: string | undefined,
): name is Names[number] {
  return names.some((known) => known === name);
}

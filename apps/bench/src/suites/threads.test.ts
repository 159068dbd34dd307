import { expect, test } from "vitest";
import { measure } from "./threads.ts";

test("every work is timed on one thread and on several; the loop of the ceiling grows with the threads", async () => {
  const rows = await measure(64, { quick: true, threads: 3 });
  expect(rows.map(({ work }) => work)).toEqual(["forward", "backward", "backwardExact", "dense", "ceiling"]);
  for (const row of rows) {
    expect(row).toMatchObject({ suite: "threads", n: 64, threads: 3 });
    const { work, oneMs, allMs, speedup } = row as Readonly<Record<string, number>>;
    const times = (row["work"] === "ceiling" ? 3 : 1) * (oneMs! / allMs!);
    expect(speedup, String(work)).toBeCloseTo(times, 9);
  }
  const { speedup, oneGflops, allGflops } = rows.at(-1) as Readonly<Record<string, number>>;
  expect(speedup).toBeCloseTo(allGflops! / oneGflops!, 9);
});

// What `npm start` runs: the whole of it in two minutes, on real text, with numbers measured on this machine.

import { commandLine } from "./command-line.ts";
import { say, trainVisibly } from "./commands/train.ts";
import { formatBits, formatCount, formatMilliseconds, formatShare } from "./format.ts";
import { main } from "./main.ts";
import type { Summary } from "./run-folder/summary.ts";
import { sampleText } from "./sample/sample.ts";
import { resolveSampleSettings } from "./sample/settings.ts";
import { resolveSettings, type Settings } from "./settings.ts";
import { beginRun, type Run } from "./train/run.ts";

const out = "runs/start";

await main(async () => {
  const settings = resolveSettings({});
  say(introduction(settings));
  using run = await beginRun(settings, { out, overwrite: true }, say);
  const summary = await trainVisibly(run);
  if (summary.steps < settings.steps) say(`Stopped. To go on: ${commandLine("train", "--resume", out)}`);
  else await show(run, summary);
});

function introduction({ context, c, exactFirst, layers, steps, width }: Settings): string {
  return (
    `Training a transformer of ${layers} layers, width ${width}, on the Brown corpus: ${steps} steps on sequences of ` +
    `${formatCount(context)} bytes.\nThe gradient of its attention is exact for ${exactFirst} steps, then sampled with c = ${c}. ` +
    "About two minutes; Ctrl-C stops."
  );
}

async function show(run: Run, summary: Summary): Promise<void> {
  const print = (text: string) => process.stdout.write(text);
  print(
    `\n${findings(summary).join("\n")}\n\nWhat it writes after ${formatCount(summary.tokens)} bytes of reading:\n\n`,
  );
  for await (const piece of sampleText(run.trainer.model, resolveSampleSettings({}))) print(piece);
  print(`\n\nReport: ${run.folder.reportPath}\nMore text: npm run sus -- sample ${out} --prompt "It was "\n`);
}

function findings({ bitsPerByte, context, cutShare, keptPerRow, milliseconds }: Summary): string[] {
  const { heldOutBefore, heldOutAfter } = bitsPerByte;
  const { attentionBackward: sampled, attentionBackwardExact: exact } = milliseconds;
  return [
    `Held-out text: ${formatBits(heldOutBefore)} bits per byte before training, ${formatBits(heldOutAfter!)} after.`,
    `Attention gradient cut: ${formatShare(cutShare)}. Of n(n+1)/2 = ${formatCount((context * (context + 1)) / 2)} weights ` +
      `a head, ${formatCount(keptPerRow * context)} were kept (${keptPerRow.toFixed(1)} a row).`,
    sampled === null || exact === null
      ? sampled === null
        ? "The backward passes were not timed: this GPU device has no time stamps."
        : "Stopped before the sampled and the exact backward pass were compared."
      : `Attention backward on the same batch: ${formatMilliseconds(sampled)} sampled, ${formatMilliseconds(exact)} exact, ` +
        `which is ${(exact / sampled).toFixed(1)} times as long.`,
  ];
}

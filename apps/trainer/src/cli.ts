#!/usr/bin/env node
import { Command } from "commander";
import { runEvidence } from "./commands/evidence.ts";
import { runExport } from "./commands/export.ts";
import { runParity } from "./commands/parity.ts";
import { runSample } from "./commands/sample.ts";
import { runTrain } from "./commands/train.ts";
import { runUpdates } from "./commands/updates.ts";
import { runVariance } from "./commands/variance.ts";
import { main } from "./main.ts";
import { estimatorNames } from "./model/estimators.ts";
import { planDefaults } from "./parity/settings.ts";
import { sampleDefaults } from "./sample/settings.ts";
import { activations, defaults, devices, norms, positionKinds } from "./settings.ts";
import { updatesDefaults } from "./updates/settings.ts";
import { varianceDefaults } from "./variance/settings.ts";

// Options are read here and judged by the schemas of the settings, so that only what was given reaches the commands.

const program = new Command("sus")
  .description("Train transformers on long text with sparse unbiased backward passes.")
  .showHelpAfterError("(--help lists the options)")
  .exitOverride();

const train = program
  .command("train")
  .description("Train a transformer on text. The gradient of its attention is sampled, sparse and unbiased.")
  .option("--data <path>", "a UTF-8 text file, or a folder of them (default: the Brown corpus)")
  .option("--out <folder>", "where the run goes (default: runs/ and the time)")
  .option("--overwrite", "replace the run in the folder of --out")
  .option("--resume <folder>", "go on with a run; besides, only --device and --threads can be given")
  .optionsGroup("Gradient:")
  .option(...numeric("--c <kept>", "weights kept a row of attention, about; all: exact", defaults.c))
  .option(...choice("--design <design>", "how they are drawn", estimatorNames, defaults.design))
  .option(
    ...numeric("--variance <share>", "of variance that sampling may add: sets c of each head", "c stays"),
  )
  .option(
    ...numeric(
      "--exact-first <steps>",
      "with the exact gradient, before sampling begins",
      "60, or a quarter of --steps; 0 with --start",
    ),
  )
  .option(...numeric("--sample-seed <number>", "of sampled gradients", "as --seed"));
withTrainingOptions(train).option(
  ...numeric("--batch-seed <number>", "of the order of the batches", "as --seed"),
);
withEvaluationOptions(train).option(
  ...numeric("--checkpoint-every <steps>", "steps between checkpoints", defaults.checkpointEvery),
);
withMachineOptions(train).action(runTrain);

program
  .command("sample")
  .description("Write text with a trained model.")
  .argument("<folder>", "the folder of a run or of an exported model")
  .option("--prompt <text>", `what the text begins with (default: ${JSON.stringify(sampleDefaults.prompt)})`)
  .option(...numeric("--length <bytes>", "bytes to write", sampleDefaults.length))
  .option(
    ...numeric("--temperature <number>", "0: the likeliest byte, 1: as learned", sampleDefaults.temperature),
  )
  .option(...numeric("--top-k <number>", "draw among so many likeliest bytes", sampleDefaults.topK))
  .option(...numeric("--window <bytes>", "bytes looked back on; each byte costs a pass over them", "256"))
  .option(...numeric("--seed <number>", "of the draws", sampleDefaults.seed))
  .option(...choice("--device <device>", "what computes", devices, sampleDefaults.device))
  .option(...numeric("--threads <number>", "threads of the device", "the device's choice"))
  .action(runSample);

program
  .command("export")
  .description(
    "Write a trained model as a folder to pass on: its weights in 16 bits, its settings and its log.",
  )
  .argument("<folder>", "the folder of a run")
  .requiredOption("--out <folder>", "where the model goes")
  .option("--overwrite", "replace the model in the folder of --out")
  .option("--data <path>", "the text of the run, where it has moved since")
  .option(...choice("--device <device>", "what computes", devices, defaults.device))
  .option(...numeric("--threads <number>", "threads of the device", "the device's choice"))
  .action(runExport);

program
  .command("variance")
  .description("Measure what sampling adds to the variance of a trained model's gradient.")
  .requiredOption(
    "--checkpoint <path>",
    "the folder of a run or an exported model, or a .safetensors file beside its config.json",
  )
  .option("--data <path>", "a text file or a folder of them (default: the run's own text)")
  .option(...list("--designs <list>", "how weights are drawn", varianceDefaults.designs.join()))
  .option(...list("--c <list>", "budgets as the designs take them", "30"))
  .option(...list("--kept <list>", "budgets as entries kept a row; c is solved for", "none"))
  .option(
    ...list(
      "--split <list>",
      "how layers and heads share --kept: uniform, balanced, heads, even",
      varianceDefaults.split.join(),
    ),
  )
  .option(...list("--context <list>", "lengths of the sequences", "the run's"))
  .option(...numeric("--draws <number>", "sampled gradients of each sequence", varianceDefaults.draws))
  .option(...numeric("--batches <number>", "held-out sequences", varianceDefaults.batches))
  .option(...numeric("--data-batches <number>", "sequences that give the data's variance", "as --batches"))
  .option(...numeric("--times <rounds>", "measure time too, in so many rounds", varianceDefaults.times))
  .option(...numeric("--seed <number>", "of the draws", varianceDefaults.seed))
  .option("--json <file>", "where the rows go, as JSON lines")
  .option("--html <file>", "where a page with plots goes")
  .option("--resume", "go on with the file of --json")
  .option(...choice("--device <device>", "what computes", devices, varianceDefaults.device))
  .option(...numeric("--threads <number>", "threads of the device", "the device's choice"))
  .action(runVariance);

const parity = program
  .command("parity")
  .description(
    "Train the same model exactly and with sampled gradients, several times, and compare their losses.",
  )
  .requiredOption("--out <folder>", "where all runs and the report go")
  .option("--resume", "go on with the runs in --out; besides, only --seeds and the machine can be given")
  .option("--data <path>", "a UTF-8 text file, or a folder of them (default: the Brown corpus)")
  .optionsGroup("What is compared with exact training:")
  .option(...list("--designs <list>", "how weights are drawn", planDefaults.designs.join()))
  .option(...list("--c <list>", "weights kept a row of attention, about", planDefaults.c.join()))
  .option(
    ...numeric(
      "--exact-first <steps>",
      "of sampled runs that are exact",
      "60, or a quarter of --steps; 0 with --start",
    ),
  )
  .option(...list("--variances <list>", "sampled runs with budgets that hold this extra variance", "none"))
  .option(...list("--exact-batches <list>", "exact runs with smaller batches", "none"))
  .option(...list("--exact-steps <list>", "exact runs of fewer steps", "none"))
  .option(...numeric("--seeds <number>", "orders of the batches", planDefaults.seeds))
  .option(...numeric("--draws <number>", "sampled runs an order", planDefaults.draws));
withMachineOptions(withEvaluationOptions(withTrainingOptions(parity))).action(runParity);

const updates = program
  .command("updates")
  .description(
    "Measure what the optimiser makes of the noise of sampled gradients, along a run of exact training.",
  )
  .option("--data <path>", "a UTF-8 text file, or a folder of them (default: the Brown corpus)")
  .optionsGroup("What is measured:")
  .option(...list("--designs <list>", "how weights are drawn", updatesDefaults.designs.join()))
  .option(...numeric("--c <kept>", "weights kept a row of attention, about", updatesDefaults.c))
  .option(...list("--at <list>", "last steps of the windows that are told apart", "10,30,60,120 and --steps"))
  .option(...numeric("--seeds <number>", "training runs, each with its own batches", updatesDefaults.seeds))
  .option("--json <file>", "where the rows go, as JSON lines");
withMachineOptions(withTrainingOptions(updates)).action(runUpdates);

program
  .command("evidence")
  .description("Write the page of the evidence and its plots from the results in its folder.")
  .option("--folder <path>", "where results and the page's template are", "docs/evidence")
  .option("--variance <model=files>", "take rows of sus variance as those of this model", collect)
  .option("--parity <name=folder>", "take the results of sus parity under this name", collect)
  .option("--updates <name=file>", "take rows of sus updates under this name", collect)
  .action(runEvidence);

await main(() => program.parseAsync());

/** What a run is, but for its gradient. */
function withTrainingOptions(command: Command): Command {
  return command
    .optionsGroup("Model:")
    .option("--start <folder>", "begin with the weights of a run or an exported model (default: fresh ones)")
    .option(...numeric("--context <bytes>", "length of a sequence", defaults.context))
    .option(...numeric("--layers <number>", "blocks of attention and MLP", defaults.layers))
    .option(...numeric("--heads <number>", "attention heads", defaults.heads))
    .option(...numeric("--key-value-heads <number>", "heads of keys and values", "as --heads"))
    .option(...numeric("--width <number>", "width of the residual stream", defaults.width))
    .option(...numeric("--hidden <number>", "width inside the MLP", "4 times --width"))
    .option(...choice("--positions <kind>", "how positions enter", positionKinds, defaults.positions))
    .option(...choice("--activation <kind>", "of the MLP", activations, defaults.activation))
    .option(...choice("--norm <kind>", "before each block", norms, defaults.norm))
    .optionsGroup("Training:")
    .option(...numeric("--held-out <share>", "share of the text never trained on", defaults.heldOut))
    .option(...numeric("--steps <number>", "updates of the model", defaults.steps))
    .option(...numeric("--batch <number>", "sequences in a step", defaults.batch))
    .option(...numeric("--learning-rate <rate>", "the largest one", defaults.learningRate))
    .option(
      ...numeric("--warm-up <steps>", "steps that lead up to it; a cosine follows", "a tenth of --steps"),
    )
    .option(...numeric("--weight-decay <rate>", "AdamW's, on matrices", defaults.weightDecay))
    .option(...numeric("--clip <norm>", "largest norm of the gradient", defaults.clip))
    .option(...numeric("--seed <number>", "of all that is random", defaults.seed));
}

/** How often, and on how much, a run looks at held-out text. */
function withEvaluationOptions(command: Command): Command {
  return command
    .optionsGroup("Evaluation and checkpoints:")
    .option(...numeric("--evaluate-on <number>", "held-out sequences in an evaluation", defaults.evaluateOn))
    .option(...numeric("--evaluate-every <steps>", "steps between evaluations", defaults.evaluateEvery));
}

function withMachineOptions(command: Command): Command {
  return command
    .optionsGroup("Machine:")
    .option("--recompute", "compute the MLPs twice a step: less memory, the same results")
    .option(...choice("--device <device>", "what computes", devices, defaults.device))
    .option(...numeric("--threads <number>", "threads of the device", "the device's choice"));
}

type OptionArguments<T> = [flags: string, description: string, parse: (text: string) => T];

/** An option that takes a number; words are passed on for the schema to judge. */
function numeric(
  flags: string,
  description: string,
  preset: number | string,
): OptionArguments<number | string> {
  return [flags, `${description} (default: ${preset})`, toNumber];
}

/** An option that takes numbers or words with commas between them. */
function list(flags: string, description: string, preset: string): OptionArguments<(number | string)[]> {
  return [flags, `${description} (default: ${preset})`, (text) => text.split(",").map(toNumber)];
}

/** An option that may be given several times. */
function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function toNumber(text: string): number | string {
  return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
}

function choice(
  flags: string,
  description: string,
  choices: readonly string[],
  preset: string,
): OptionArguments<string> {
  return [flags, `${description}: ${choices.join(", ")} (default: ${preset})`, (text) => text];
}

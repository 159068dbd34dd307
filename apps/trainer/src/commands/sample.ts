import { loadModel, openDeviceFor } from "../model/model.ts";
import { openTrained } from "../run-folder/trained.ts";
import { sampleText } from "../sample/sample.ts";
import { resolveSampleSettings } from "../sample/settings.ts";

/** `sus sample`: writes the prompt and what the model adds to it to standard output, as it comes. */
export async function runSample(path: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const settings = resolveSampleSettings(given);
  const { config, parameters } = await openTrained(path, "<folder>");
  using device = await openDeviceFor(settings);
  using model = loadModel(device, config.settings, parameters);
  for await (const piece of sampleText(model, settings)) process.stdout.write(piece);
  process.stdout.write("\n");
}

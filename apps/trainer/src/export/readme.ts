import { formatCount } from "../format.ts";
import type { Config } from "../run-folder/config.ts";
import type { Exported } from "./export.ts";

/** What `README.md` of an exported model says. */
export function renderReadme(
  name: string,
  { settings, text }: Config,
  { parameters, bytes, step, heldOut }: Exported,
): string {
  const { layers, heads, width, context, batch, seed, c, design, learningRate } = settings;
  const tokens = step * batch * context;
  const gradient = c === "all" ? "exact gradients" : `sampled gradients (\`${design}\`, c = ${c})`;
  const from = settings.start === null ? "" : `, from the weights of ${settings.start}`;
  const added = heldOut.float16 - heldOut.float32;
  return `# ${name}

A transformer of ${formatCount(parameters)} parameters, trained by \`sus train\` and written by \`sus export\`. A token is a byte.

| what                 | value |
| -------------------- | ----- |
| shape                | ${layers} layers of width ${width}, ${heads} heads, context ${formatCount(context)}, ${settings.positions} positions |
| text                 | ${text.name}, ${formatCount(text.bytes)} bytes, SHA-256 \`${text.sha256}\` |
| training             | ${formatCount(step)} steps of ${batch} sequences, ${formatCount(tokens)} tokens, learning rate ${learningRate}, seed ${seed}, ${gradient}${from} |
| held-out text        | ${heldOut.float32.toFixed(4)} bits per byte in float32, ${heldOut.float16.toFixed(4)} in float16 (${added < 0 ? "−" : "+"}${Math.abs(added).toExponential(1)}) |
| \`model.safetensors\`  | the weights in float16, ${(bytes / 1e6).toFixed(1)} MB |
| \`config.json\`        | all settings of the run |
| \`log.jsonl\`          | every step of it |
| \`held-out.txt\`       | a stretch of the text that it was not trained on |

\`\`\`sh
npm run sus -- sample models/${name} --prompt "It was "
npm run sus -- variance --checkpoint models/${name}${settings.data === null ? "" : ` --data <${settings.data}>`} --kept 16,30
\`\`\`
`;
}

// Opens a GPU, uses it, and ends, with or without disposing of it; or says why it can't.
import { add } from "@sus/tensor";
import { openDevice } from "@sus/tensor/node";

const ending = process.argv[2];
try {
  const device = await openDevice("webgpu");
  const x = device.tensor(Float32Array.of(1, 2), [2]);
  const sum = await add(x, x).read();
  if (ending === "dispose") device[Symbol.dispose]();
  process.stdout.write(`${ending}: ${sum}\n`);
} catch (error) {
  const { kind } = await openDevice("auto", { threads: 1 });
  process.stdout.write(`${(error as Error).name}: ${(error as Error).message}; auto: ${kind}\n`);
}

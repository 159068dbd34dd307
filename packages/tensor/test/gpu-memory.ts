// Takes more memory than the process may have, and goes on after it. For a process with a limit of its own.
import { add, type Tensor } from "@sus/tensor";
import { openDevice } from "@sus/tensor/node";

const device = await openDevice("webgpu", { limits: { maxBufferSize: 2 ** 30 } });
const held: Tensor[] = [];
let told = "";
for (let i = 0; i < 8 && told === ""; i++) {
  held.push(device.empty([2 ** 14, 2 ** 13]));
  await device.settle().catch((error: Error) => {
    told = `${error.name}: ${error.message}`;
  });
}
for (const tensor of held) tensor[Symbol.dispose]();
const x = device.tensor(Float32Array.of(1, 2), [2]);
const sum = await add(x, x).read();
process.stdout.write(JSON.stringify({ told, sum: [...sum], tensors: held.length, ...device.memory }));
device[Symbol.dispose]();

// Takes more memory than the process may have, and goes on after it. For a process with a limit of its own.
import { add, type Tensor } from "@sus/tensor";
import { openDevice } from "@sus/tensor/node";

const device = await openDevice("webgpu", { limits: { maxBufferSize: 2 ** 30 } });
const x = device.tensor(Float32Array.of(1, 2), [2]);

/** Takes memory, and says what that led to. */
async function take(shape: readonly number[]): Promise<{ tensor: Tensor; told: string }> {
  const tensor = device.empty(shape);
  const told = await device.settle().then(() => "there", String);
  return { tensor, told };
}

const taken = [await take([2 ** 14, 2 ** 13])];
while (taken.at(-1)!.told === "there") taken.push(await take([2 ** 14, 2 ** 13]));
for (const { tensor } of taken) tensor[Symbol.dispose]();
const sum = await add(x, x).read();

const { reserved } = device.memory;
process.stdout.write(
  JSON.stringify({ told: taken.at(-1)!.told, sum: [...sum], blocks: taken.length, reserved }),
);
device[Symbol.dispose]();

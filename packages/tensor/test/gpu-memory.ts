// Takes more memory than the process may have, and goes on after it. For a process with a limit of its own.
import { add } from "@sus/tensor";
import { openDevice } from "@sus/tensor/node";

const device = await openDevice("webgpu", { limits: { maxBufferSize: 2 ** 30 } });
const x = device.tensor(Float32Array.of(1, 2), [2]);

/** Idle memory, of another size than what comes. */
const idle = [1, 2].map(() => device.empty([2 ** 14, 2 ** 13]));
await device.settle();
for (const tensor of idle) tensor[Symbol.dispose]();

/** Takes a gigabyte, and says how that went. */
async function takeGigabyte(): Promise<string> {
  const tensor = device.empty([2 ** 14, 2 ** 14]);
  try {
    await device.settle();
    return "there";
  } catch (error) {
    tensor[Symbol.dispose]();
    return String(error);
  }
}

const told = await takeGigabyte();
const sum = await add(x, x).read();
const again = await takeGigabyte();
process.stdout.write(JSON.stringify({ told, sum: [...sum], again, reserved: device.memory.reserved }));
device[Symbol.dispose]();

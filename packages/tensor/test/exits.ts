// Opens a device with two threads, uses it, and ends, with or without disposing it.
import { add, openDevice } from "@sus/tensor";

const ending = process.argv[2];
const device = await openDevice("wasm", { threads: 2 });
const length = 100_003;
const a = Float32Array.from({ length }, (_, i) => i * 0.5);
const b = Float32Array.from({ length }, (_, i) => 3 - i);
const sum = await add(device.tensor(a, [length]), device.tensor(b, [length])).read();
process.stdout.write(`${ending}: ${sum[1]}\n`);
if (ending === "dispose") device[Symbol.dispose]();

import { DeviceError } from "../errors.ts";

export const pageBytes = 65_536;

/** 4 GiB, what 32-bit addresses reach; less where an engine does not reserve that much for shared memory. */
const maximaInPages = [65_536, 32_768, 16_384];

export interface Memory {
  readonly memory: WebAssembly.Memory;
  readonly limitBytes: number;
}

/** Whether workers can share memory here: in Node always, in a page when it is cross-origin isolated. */
export function canShareMemory(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return typeof SharedArrayBuffer !== "undefined" && isolated !== false;
}

/** A growable linear memory, as large as the engine allows. */
export function createMemory(shared: boolean): Memory {
  for (const maximum of maximaInPages) {
    try {
      const memory = new WebAssembly.Memory({ initial: 1, maximum, shared });
      return { memory, limitBytes: maximum * pageBytes };
    } catch {
      // Too much for this engine: the next size may do.
    }
  }
  throw new DeviceError(
    `wasm: expected an engine that can reserve 1 GiB of ${shared ? "shared " : ""}memory`,
  );
}

/**
 * The same module with its one import, the memory, declared shared. Code does not differ between the two; only the
 * declaration must match the memory it gets, and a shared one must state a maximum.
 */
export function withSharedMemory(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const importSection = 2;
  const parts: number[] = [...module.subarray(0, 8)];
  for (let offset = 8; offset < module.length; ) {
    const id = module[offset]!;
    const [size, start] = readUnsigned(module, offset + 1);
    let body = module.subarray(start, start + size);
    if (id === importSection) body = Uint8Array.from([...body.subarray(0, limitsOf(body)), ...sharedLimits]);
    parts.push(id, ...unsigned(body.length));
    for (const byte of body) parts.push(byte);
    offset = start + size;
  }
  return Uint8Array.from(parts);
}

/** Shared with a maximum (flag 3), no minimum, at most 65,536 pages. */
const sharedLimits = [3, 0, ...unsigned(65_536)];

/** Where the limits stand in an import section whose only entry is a memory. */
function limitsOf(section: Uint8Array): number {
  const memoryKind = 2;
  const [count, moduleStart] = readUnsigned(section, 0);
  const [moduleLength, moduleText] = readUnsigned(section, moduleStart);
  const [nameLength, nameText] = readUnsigned(section, moduleText + moduleLength);
  const kind = nameText + nameLength;
  if (count !== 1 || section[kind] !== memoryKind) {
    throw new DeviceError("wasm: expected kernels that import nothing but a memory");
  }
  return kind + 1;
}

function readUnsigned(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[offset++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, offset];
  }
}

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
}

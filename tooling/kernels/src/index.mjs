import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const suffix = "?kernels";
const textSuffix = "?text";
/** Rollup's mark of a virtual module: without it Vite takes the id for a path below its root. */
const prefix = "\0kernels:";
const textPrefix = "\0text:";
const root = fileURLToPath(new URL("../../../", import.meta.url));
const cacheFolder = join(root, "node_modules/.cache/sus-kernels");
const { version } = createRequire(import.meta.url)("assemblyscript/package.json");

const shared = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--initialMemory", "0"];
const builds = {
  simd: ["--enable", "simd"],
  relaxed: ["--enable", "simd", "--enable", "relaxed-simd"],
};

/**
 * Inlines what a published file must not fetch. `*?kernels` imports an AssemblyScript entry as two base64 WebAssembly
 * modules, compiled once and cached by content; `*?text` imports a file's text.
 */
export function kernels() {
  return {
    name: "sus-kernels",
    enforce: "pre",
    resolveId(source, importer) {
      if (!importer) return undefined;
      const folder = dirname(importer.split("?")[0]);
      if (source.endsWith(suffix)) return prefix + resolve(folder, source.slice(0, -suffix.length));
      if (source.endsWith(textSuffix))
        return textPrefix + resolve(folder, source.slice(0, -textSuffix.length));
      return undefined;
    },
    async load(id) {
      if (id.startsWith(textPrefix)) {
        const file = id.slice(textPrefix.length);
        if (this?.addWatchFile) this.addWatchFile(file);
        return `export default ${JSON.stringify(await readFile(file, "utf8"))};`;
      }
      if (!id.startsWith(prefix)) return undefined;
      const entry = id.slice(prefix.length);
      const sources = await sourcesOf(entry);
      if (this?.addWatchFile) for (const { file } of sources) this.addWatchFile(file);
      const compiled = {};
      for (const [build, flags] of Object.entries(builds)) {
        compiled[build] = await compileCached(entry, [...shared, ...flags], sources);
      }
      return `export default ${JSON.stringify(compiled)};`;
    },
  };
}

/** The entry's assembly folder and every other package's: kernels may share functions across packages. */
async function sourcesOf(entry) {
  const packages = join(root, "packages");
  const folders = new Set([dirname(entry)]);
  for (const name of await readdir(packages)) folders.add(join(packages, name, "assembly"));
  const sources = [];
  for (const folder of [...folders].sort()) {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(".ts")).sort()) {
      const file = join(folder, name);
      sources.push({ file, text: await readFile(file, "utf8") });
    }
  }
  return sources;
}

async function compileCached(entry, flags, sources) {
  const hash = createHash("sha256").update(JSON.stringify([version, entry, flags, sources]));
  const cached = join(cacheFolder, `${hash.digest("hex")}.base64`);
  const found = await readFile(cached, "utf8").catch(() => undefined);
  if (found) return found;
  const base64 = Buffer.from(await compile(entry, flags)).toString("base64");
  await mkdir(cacheFolder, { recursive: true });
  const unfinished = `${cached}.${process.pid}`;
  await writeFile(unfinished, base64);
  await rename(unfinished, cached);
  return base64;
}

async function compile(entry, flags) {
  let binary;
  const { error, stderr } = await asc.main([entry, "--outFile", "kernels.wasm", ...flags], {
    writeFile: (name, contents) => {
      if (name === "kernels.wasm") binary = contents;
    },
  });
  if (error) throw new Error(`kernels: ${entry} did not compile\n${stderr.toString()}`, { cause: error });
  const module = new WebAssembly.Module(binary);
  const imports = WebAssembly.Module.imports(module).filter(({ name }) => name !== "memory");
  if (imports.length > 0) {
    throw new Error(
      `kernels: ${entry} must import nothing but memory, it imports ${JSON.stringify(imports)}`,
    );
  }
  if (hasDataSection(binary)) {
    throw new Error(
      `kernels: ${entry} has static data, which would overwrite the host's memory: compute it or pass a pointer`,
    );
  }
  return binary;
}

/** Several modules share one memory that the host owns, so none may place data in it. */
function hasDataSection(binary) {
  let offset = 8;
  while (offset < binary.length) {
    const section = binary[offset++];
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[offset++];
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    if (section === 11) return true;
    offset += size;
  }
  return false;
}

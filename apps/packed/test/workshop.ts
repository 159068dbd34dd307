import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const packages = fileURLToPath(new URL("../../../packages", import.meta.url));
const programs = fileURLToPath(new URL("../programs", import.meta.url));

/** The packages, each after those that it depends on. */
export const names = ["graph", "tensor", "sparse", "attention"] as const;
export type Name = (typeof names)[number];

/** Runs a command and returns what it printed; throws with its complaints where it fails. */
export async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await execute(command, [...args], { cwd, maxBuffer: 2 ** 26 });
  return stdout;
}

/** A folder outside the workspace with the packed packages in it. */
export class Workshop implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), "sus-packed-")));
    const tarballs = join(workshop.folder, "tarballs");
    await mkdir(tarballs);
    for (const name of names) {
      await run("pnpm", ["pack", "--out", join(tarballs, `${name}.tgz`)], join(packages, name));
    }
    return workshop;
  }

  /** An empty project that gets the package, and the ones it needs, from their tarballs alone. */
  async install(name: Name, manager: "npm" | "pnpm"): Promise<string> {
    const project = join(this.folder, `${manager}-${name}`);
    await mkdir(project);
    const needed = names.slice(0, names.indexOf(name) + 1);
    const tarballs = Object.fromEntries(
      needed.map((each) => [`@sus/${each}`, `file:../tarballs/${each}.tgz`]),
    );
    const manifest = { name: "stranger", private: true, type: "module", dependencies: tarballs };
    await writeFile(join(project, "package.json"), JSON.stringify(manifest));
    // pnpm takes a dependency of a dependency from the registry unless it is told where to look.
    const overrides = Object.entries(tarballs).map(([each, place]) => `  "${each}": "${place}"\n`);
    await writeFile(join(project, "pnpm-workspace.yaml"), `overrides:\n${overrides.join("")}`);
    await run(
      manager,
      ["install", ...(manager === "npm" ? ["--no-audit", "--no-fund", "--offline"] : [])],
      project,
    );
    await cp(join(programs, `${name}.js`), join(project, "program.js"));
    return project;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

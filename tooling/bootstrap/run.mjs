// The one entry behind `npm start`, `npm test`, `npm run bench` and `npm run sus`: sets up what is missing, builds what
// has changed, then runs the task. Plain Node with nothing installed, so that a fresh clone needs no other command.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const windows = process.platform === "win32";

/** Where a command prints: as we do, only if it fails, or beside our own output, which may be read by a program. */
const stdio = { inherit: "inherit", quiet: ["inherit", "pipe", "pipe"], stderr: ["inherit", 2, 2] };

const tasks = {
  start: (args) => {
    build("@sus/trainer");
    runFromDist("apps/trainer/dist/start.js", args);
  },
  sus: (args) => {
    build("@sus/trainer");
    runFromDist("apps/trainer/dist/cli.js", args);
  },
  bench: (args) => {
    build("@sus/bench");
    runFromDist("apps/bench/dist/main.js", args);
  },
  test: (args) => {
    tool("turbo", ["run", "build", "typecheck", "--output-logs=errors-only"]);
    tool("biome", ["ci", "--colors=off", "--error-on-warnings", "."]);
    tool("knip", ["--no-config-hints"]);
    tool("vitest", ["run", ...args]);
    for (const name of published()) {
      tool("publint", ["--strict", "--pack", "pnpm"], join(root, "packages", name));
      tool("attw", ["--pack", ".", "--profile", "esm-only", "--quiet"], join(root, "packages", name));
    }
  },
};

// Ctrl-C is for the program that runs in our place, which may have something to finish: we end when it has.
process.on("SIGINT", () => {});
main(process.argv[2], process.argv.slice(3));

function main(name, args) {
  const task = tasks[name];
  if (task === undefined) fail(`expected a task of ${Object.keys(tasks).join(", ")}, got ${name}`);
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) fail(`expected Node 20 or later, got ${process.versions.node}`);
  install();
  task(args);
}

/** Installs the pinned dependencies with the pinned pnpm, unless nothing that decides them has changed. */
function install() {
  const stamp = join(root, "node_modules", ".sus-install");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  process.stderr.write(`Installing the dependencies with ${packageManager} …\n`);
  run(windows ? "npx.cmd" : "npx", ["--yes", packageManager, "install", "--frozen-lockfile"], root, "stderr");
  writeFileSync(stamp, wanted);
}

/** What decides the installed tree: the lock file, the workspace file and every manifest. */
function fingerprint() {
  const manifests = ["packages", "apps", "tooling"].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")),
  );
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    "docs/package.json",
    ...manifests.sort(),
  ]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function build(name) {
  tool("turbo", ["run", "build", `--filter=${name}...`, "--output-logs=errors-only"], root, "quiet");
}

function published() {
  return readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json")),
  );
}

/** Runs a built program with the workspace's own Node, in the caller's terminal: it gets Ctrl-C itself. */
function runFromDist(file, args) {
  run(windows ? process.execPath : join(bin, "node"), [join(root, file), ...args], process.cwd());
}

function tool(name, args, cwd = root, output = "inherit") {
  run(join(bin, windows ? `${name}.cmd` : name), args, cwd, output);
}

function run(command, args, cwd, output = "inherit") {
  const result = spawnSync(command, args, {
    cwd,
    stdio: stdio[output],
    shell: windows,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (result.error) fail(`${command}: ${result.error.message}`);
  if (result.status === 0) return;
  if (output === "quiet") process.stderr.write(Buffer.concat([result.stdout, result.stderr]));
  process.exit(result.status ?? 1);
}

function fail(message) {
  process.stderr.write(`sus: ${message}\n`);
  process.exit(1);
}

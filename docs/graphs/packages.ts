// The packages of a pnpm lock file as a graph: which package pulls in which others, and how far away they are.
import { parse } from "yaml";

/** What a package pulls in: itself once, and everything below it with the number of steps there. */
export interface Package {
  readonly name: string;
  /** Facts of the package alone: a workspace's own, scoped, with a program, for some platforms only, how many direct dependencies. */
  readonly features: Float64Array;
  readonly below: readonly { readonly index: number; readonly steps: number }[];
  /** log₂(1 + n) for n packages at or below this one that are built for some platforms only. */
  readonly target: number;
}

interface Lockfile {
  readonly importers: Readonly<Record<string, Importer>>;
  readonly packages: Readonly<Record<string, { readonly cpu?: unknown; readonly hasBin?: boolean }>>;
  readonly snapshots: Readonly<Record<string, Snapshot>>;
}
interface Snapshot {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Importer = Readonly<Record<string, Readonly<Record<string, { readonly version: string }>>>>;

/** Reads a lock file of pnpm, version 9, and follows its dependencies down to `depth` steps. */
export function packagesOf(lockfile: string, depth: number): readonly Package[] {
  const { importers, packages, snapshots } = parse(lockfile) as Lockfile;
  const direct = new Map<string, readonly string[]>();
  for (const [folder, groups] of Object.entries(importers)) {
    const pairs = Object.values(groups).flatMap((group) => Object.entries(group));
    direct.set(
      folder,
      pairs.map(([name, { version }]) => `${name}@${version}`),
    );
  }
  for (const [id, { dependencies, optionalDependencies }] of Object.entries(snapshots)) {
    const pairs = Object.entries({ ...dependencies, ...optionalDependencies });
    direct.set(
      id,
      pairs.map(([name, version]) => `${name}@${version}`),
    );
  }
  const names = [...direct.keys()];
  const indices = new Map(names.map((name, i) => [name, i]));
  // What a lock file links to instead of installing it is no entry of its own.
  const children = names.map((name) => direct.get(name)!.flatMap((child) => indices.get(child) ?? []));
  const facts = names.map((name) => packages[name.replace(/\(.*$/, "")]);
  const isNative = facts.map((fact) => fact?.cpu !== undefined);
  return names.map((name, i) => {
    const below = breadthFirst(children, i, depth);
    const natives = [i, ...breadthFirst(children, i, Infinity).map(({ index }) => index)].filter(
      (index) => isNative[index],
    );
    const flags = [name in importers, name.startsWith("@"), facts[i]?.hasBin === true, isNative[i]];
    const features = Float64Array.of(...flags.map(Number), Math.log2(1 + children[i]!.length));
    return { name, features, below, target: Math.log2(1 + natives.length) };
  });
}

function breadthFirst(children: readonly (readonly number[])[], from: number, depth: number) {
  const steps = new Map([[from, 0]]);
  for (const [index, step] of steps) {
    if (step >= depth) continue;
    for (const child of children[index]!) if (!steps.has(child)) steps.set(child, step + 1);
  }
  steps.delete(from);
  return [...steps].map(([index, step]) => ({ index, steps: step }));
}

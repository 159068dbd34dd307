/** What is compared: one head of causal attention, forward and backward, or a whole training step. */
export type CaseName = "attention" | "step";
export const caseNames = ["attention", "step"] as const;

/** Numbers by name that all sides must agree on. */
export type Numbers = Readonly<Record<string, Float32Array>>;

/** One library, ready to do the work of one case on inputs that are the same for all. */
export interface Side extends Disposable {
  /** Threads that it computes on. */
  readonly threads: number;
  /** The loss and its exact gradient, at the point that the runs so far have led to. */
  gradient(): Promise<Numbers>;
  /** The work that is timed; done when the promise is. */
  run(): Promise<void>;
}

/** How a library sets up each case for a length. */
export type Library = Readonly<Record<CaseName, (n: number) => Promise<Side>>>;

export const peerNames = ["jax-js", "tfjs-wasm"] as const;
export type PeerName = (typeof peerNames)[number];

/** Loaded on demand, so that a process that measures memory holds one library only. */
export async function loadPeer(name: PeerName): Promise<Library> {
  return name === "jax-js"
    ? (await import("./jax/index.ts")).library
    : (await import("./tfjs/index.ts")).library;
}

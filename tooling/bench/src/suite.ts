/** One measured line: what was measured, and numbers whose names carry or imply their unit. */
export type Row = Readonly<Record<string, string | number>> & { readonly suite: string };

export interface SuiteOptions {
  /** Fewer repetitions and smaller shapes: a look, not a result. */
  readonly quick: boolean;
  /** The lengths and models that take minutes too. Default: without them. */
  readonly all?: boolean;
  /** Threads of the WebAssembly device; default: all cores. */
  readonly threads?: number;
}

/** A set of measurements under one name, which yields each line as soon as it is measured. */
export interface Suite {
  readonly name: string;
  /** What the columns mean, for people. */
  readonly description: string;
  /** How long a full run takes on two cores with nothing else to do, about. */
  readonly minutes: number;
  /** It runs only where it is named or everything is asked for. */
  readonly onlyNamed?: boolean;
  /** Why it can't run on this machine, or nothing where it can. Default: it can anywhere. */
  unavailable?(): Promise<string | undefined>;
  rows(options: SuiteOptions): AsyncIterable<Row>;
}

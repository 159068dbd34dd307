/** The command line asks for what there is not. */
export class UsageError extends Error {}

/** A file is not what this program writes. */
export class InputError extends Error {}

/** A suite that was asked for by its name can't run on this machine. */
export class UnavailableError extends Error {}

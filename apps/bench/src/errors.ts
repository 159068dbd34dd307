/** The command line asks for what there is not. */
export class UsageError extends Error {}

/** A file is not what this program writes. */
export class InputError extends Error {}

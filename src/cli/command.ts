/**
 * The shape of a command: what help says of it and what it gives back.
 *
 * Owns types only. A command calls the library and returns an {@link Outcome}; it prints nothing
 * itself, save through {@link Invocation.say}.
 */
import type { Paint } from './output.ts';

/** The outside world of one run; tests pass their own. */
export interface CliIo {
  /** Data: standard output. */
  readonly out: (text: string) => void;
  /** Diagnostics: standard error. */
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly readInput: () => Promise<string>;
  readonly paint: Paint;
  /** Width for help, in characters. */
  readonly columns: number;
  /** Aborted at the first SIGINT or SIGTERM after the first call; until then signals kill as usual. */
  readonly interruption: () => AbortSignal;
}

export interface Invocation {
  /** Words after the command's name, options taken out. */
  readonly args: readonly string[];
  /** By long name in camel case. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly io: CliIo;
  /** Prints at once what people should see before the work is done; nothing with `--json`. */
  readonly say: (text: string) => void;
}

/** What came of a command. */
export interface Outcome {
  /** `data` of the JSON envelope. */
  readonly data: unknown;
  /** The same for people, on standard output. */
  readonly text: string;
  /** Part of the envelope, or lines on standard error. */
  readonly warnings: readonly string[];
  /** For people, one line each on standard error; in JSON they are part of `data`. */
  readonly failures: readonly string[];
  readonly exitCode: number;
}

/** Flags as commander writes them (`--retry-ms <ms>`), and what they mean. */
export type OptionSpec = readonly [flags: string, meaning: string];

export interface Command {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** As commander writes them: `<pf>`, `[count]`, `<words...>`. */
  readonly args: readonly (readonly [name: string, meaning: string])[];
  readonly options: readonly OptionSpec[];
  /** Shown first in help. */
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  /** Shown after the options. */
  readonly notes?: string;
  readonly run: (invocation: Invocation) => Promise<Outcome>;
}

/**
 * The shape of a command: what help says of it and what it gives back.
 *
 * Owns types only. A command calls the library and returns an {@link Outcome}; it prints nothing
 * itself, save through {@link Invocation.say}.
 */
import type { Paint } from './output.ts';
import type { OpenPorts } from './port/session.ts';

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
  /** Aborted when nobody reads standard output any more; what only prints should end then. Absent = never. */
  readonly readerGone?: AbortSignal;
  /** Absent = standard output is no terminal that can be drawn on. */
  readonly terminal?: {
    /** Its height in lines, now. */
    readonly rows: () => number;
  };
  /** Where commands on ports get theirs from; absent = this host. */
  readonly openPorts?: OpenPorts;
}

export interface Invocation {
  /** Words after the command's name, options taken out. */
  readonly args: readonly string[];
  /** By long name in camel case: text, true, or a list where it may be repeated. */
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
  /** Its data is on standard output already, piece by piece; neither `data` nor `text` is printed. */
  readonly streamed?: true;
  readonly exitCode: number;
}

/** How an option is declared beyond its flags; absent = once, and shown in help. */
export interface OptionTraits {
  /** May be given several times; its value is then a list. */
  readonly repeat?: boolean;
  /** Another spelling of an option that help shows. */
  readonly hidden?: boolean;
}

/** Flags as commander writes them (`--retry-ms <ms>`), and what they mean. */
export type OptionSpec = readonly [flags: string, meaning: string, traits?: OptionTraits];

export interface Command {
  /** One word, or two (`port bind`) for a command of a group. */
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

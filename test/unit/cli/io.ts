/** A CliIo that keeps what was printed. Owns nothing else; no stream and no process is touched. */
import type { CliIo } from '../../../src/cli/command.ts';
import { plain } from '../../../src/cli/output.ts';
import { runCli } from '../../../src/cli/run.ts';

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in this process: all of it but streams and signals, which are `main.ts`'s. */
export function run(...argv: string[]): Promise<Ran> {
  return runWithInput('', ...argv);
}

export function runWithInput(input: string, ...argv: string[]): Promise<Ran> {
  return runWith({ readInput: async () => input }, ...argv);
}

/** With parts of the outside world of one's own. */
export async function runWith(outside: Partial<CliIo>, ...argv: string[]): Promise<Ran> {
  const printed = { out: '', err: '' };
  const io: CliIo = {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
    readInput: async () => '',
    paint: plain,
    columns: 100,
    interruption: () => new AbortController().signal,
    ...outside,
  };
  const status = await runCli(argv, io);
  return { status, ...printed };
}

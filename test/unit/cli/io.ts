/** A CliIo that keeps what was printed. Owns nothing else; no stream and no process is touched. */
import type { CliIo } from '../../../src/cli/command.ts';
import { plain } from '../../../src/cli/output.ts';
import { runCli } from '../../../src/cli/run.ts';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export async function run(...argv: string[]): Promise<Ran> {
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
  };
  const exitCode = await runCli(argv, io);
  return { exitCode, ...printed };
}

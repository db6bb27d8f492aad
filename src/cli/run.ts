/**
 * One run of the command line, from arguments to exit status.
 *
 * Owns what is printed where: data on standard output, everything else on standard error, and with
 * `--json` exactly one line of JSON. It never ends the process.
 */
import { CommanderError } from 'commander';
import { SriovError } from '../errors.ts';
import type { CliIo, Outcome } from './command.ts';
import { EXIT, exitCodeForError } from './exit-codes.ts';
import { envelope } from './output.ts';
import { createProgram } from './program.ts';

function print(io: CliIo, name: string, outcome: Outcome, json: boolean): void {
  const streamed = outcome.streamed === true;
  if (json && !streamed) io.out(envelope(name.replace(' ', '-'), outcome.data, outcome.warnings));
  else if (!streamed && outcome.text !== '') io.out(outcome.text);
  if (!json) for (const warning of outcome.warnings) io.err(`sriov: warning: ${warning}\n`);
  for (const failure of outcome.failures) io.err(`${io.paint('red', failure)}\n`);
}

function printError(io: CliIo, error: unknown, json: boolean, debug: boolean): number {
  const exitCode = exitCodeForError(error);
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof SriovError ? error.code : 'SRIOV_INTERNAL';
  const extendedAck = error instanceof SriovError ? error.extendedAck : undefined;
  if (json) io.out(envelope('error', { code, message, extendedAck: extendedAck ?? null, exitCode }, []));
  const ack = extendedAck === undefined ? '' : ` [kernel: ${extendedAck}]`;
  io.err(`${io.paint('red', 'sriov:')} ${message}${ack}\n`);
  if (debug && error instanceof Error) io.err(`${error.stack ?? ''}\n`);
  else if (!(error instanceof SriovError)) io.err('sriov: this is a bug; --debug shows where it happened\n');
  return exitCode;
}

/** Commander's own refusals have been printed by then; help and version are no errors. */
function finishCommander(io: CliIo, error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done;
  if (json) {
    const message = error.message.replace(/^error: /, '');
    io.out(envelope('error', { code: 'SRIOV_USAGE', message, extendedAck: null, exitCode: EXIT.usage }, []));
  }
  return EXIT.usage;
}

/** Runs `argv` (without node and script) and gives the exit status. Never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  // Looked up by hand, since a command line that commander refuses has no parsed options.
  const json = argv.includes('--json');
  const debug = argv.includes('--debug');
  let exitCode: number = EXIT.done;
  const program = createProgram(io, async (command, args, options) => {
    const say = (text: string): void => {
      if (!json && text !== '') io.out(text);
    };
    const outcome = await command.run({ args, options, io, say });
    print(io, command.name, outcome, json);
    exitCode = outcome.exitCode;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return error instanceof CommanderError
      ? finishCommander(io, error, json)
      : printError(io, error, json, debug);
  }
}

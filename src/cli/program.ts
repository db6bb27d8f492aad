/**
 * The commander program made from the table of commands.
 *
 * Owns how options, arguments and help are declared to commander. It runs nothing.
 */
import { readFileSync } from 'node:fs';
import { Command as CommanderCommand } from 'commander';
import type { CliIo, Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT_MEANINGS } from './exit-codes.ts';

/** What the user asked for, once the command line is known to be right. */
export type Dispatch = (
  command: Command,
  args: readonly string[],
  options: Record<string, unknown>,
) => Promise<void>;

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}

function examplesText(examples: Command['examples']): string {
  const lines = examples.map(([command, meaning]) => `  ${command}\n      ${meaning}`);
  return `Examples:\n${lines.join('\n')}\n`;
}

const exitStatusText = `\nExit status:\n${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(3)} ${meaning}`).join('\n')}`;

function declare(program: CommanderCommand, command: Command, dispatch: Dispatch): void {
  const declared = program.command(command.name).summary(command.summary).description(command.summary);
  for (const [name, meaning] of command.args) declared.argument(name, meaning);
  for (const [flags, meaning] of command.options) declared.option(flags, meaning);
  declared.addHelpText('before', examplesText(command.examples));
  if (command.notes !== undefined) declared.addHelpText('after', `\n${command.notes}`);
  declared.addHelpText('after', exitStatusText);
  declared.action(() =>
    dispatch(command, declared.args, declared.optsWithGlobals<Record<string, unknown>>()),
  );
}

/** A program that throws CommanderError instead of leaving the process and writes to `io` alone. */
export function createProgram(io: CliIo, dispatch: Dispatch): CommanderCommand {
  const program = new CommanderCommand('sriov')
    .description('manage SR-IOV virtual functions over rtnetlink')
    .option('--json', 'one line of JSON on standard output, described in docs/cli.md')
    .option('--debug', 'stack traces with errors')
    .version(version(), '-V, --version', 'print the version')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
      outputError: (text, write) => write(`sriov: ${text.replace(/^error: /, '')}`),
    })
    .exitOverride();
  program.addHelpText('before', examplesText(COMMANDS.flatMap(({ examples }) => examples.slice(0, 1))));
  program.addHelpText('after', exitStatusText);
  for (const command of COMMANDS) declare(program, command, dispatch);
  return program;
}

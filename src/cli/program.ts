/**
 * The commander program made from the table of commands.
 *
 * Owns how options, arguments and help are declared to commander. It runs nothing.
 */
import { Command as CommanderCommand, Option } from 'commander';
import type { CliIo, Command, OptionSpec } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { EXIT_MEANINGS } from './exit-codes.ts';
import { packageVersion } from './version.ts';

/** What the user asked for, once the command line is known to be right. */
export type Dispatch = (
  command: Command,
  args: readonly string[],
  options: Record<string, unknown>,
) => Promise<void>;

function examplesText(examples: Command['examples']): string {
  const lines = examples.map(([command, meaning]) => `  ${command}\n      ${meaning}`);
  return `Examples:\n${lines.join('\n')}\n`;
}

const exitStatusText = `\nExit status:\n${EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(3)} ${meaning}`).join('\n')}`;

function toOption([flags, meaning, { repeat = false, hidden = false } = {}]: OptionSpec): Option {
  const option = new Option(flags, meaning).hideHelp(hidden);
  // Not commander's variadic options: these also take the words that follow.
  return repeat
    ? option.argParser<string[]>((value, before) => [...((before as string[] | undefined) ?? []), value])
    : option;
}

/** The program, or the group that the first of two words names. */
function parentOf(program: CommanderCommand, words: readonly string[]): CommanderCommand {
  const [group = ''] = words;
  if (words.length < 2) return program;
  const summary = GROUPS.get(group) ?? '';
  return (
    program.commands.find((known) => known.name() === group) ??
    program.command(group).summary(summary).description(summary).helpCommand(false)
  );
}

function declare(program: CommanderCommand, command: Command, dispatch: Dispatch): void {
  const words = command.name.split(' ');
  const declared = parentOf(program, words)
    .command(words.at(-1) ?? '')
    .summary(command.summary)
    .description(command.summary);
  for (const [name, meaning] of command.args) declared.argument(name, meaning);
  for (const option of command.options) declared.addOption(toOption(option));
  declared.addHelpText('before', examplesText(command.examples));
  if (command.notes !== undefined) declared.addHelpText('after', `\n${command.notes}`);
  declared.addHelpText('after', exitStatusText);
  declared.action(() =>
    dispatch(command, declared.args, declared.optsWithGlobals<Record<string, unknown>>()),
  );
}

function groupOf(name: string | undefined): string | undefined {
  return name?.split(' ')[0];
}

/** A program that throws CommanderError instead of leaving the process and writes to `io` alone. */
export function createProgram(io: CliIo, dispatch: Dispatch): CommanderCommand {
  const program = new CommanderCommand('sriov')
    .description('manage SR-IOV virtual functions over rtnetlink')
    .option('--json', 'one line of JSON on standard output, described in docs/cli.md')
    .option('--debug', 'stack traces with errors')
    .version(packageVersion(), '-V, --version', 'print the version')
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
  const first = COMMANDS.filter(({ name }, index) => groupOf(name) !== groupOf(COMMANDS[index - 1]?.name));
  program.addHelpText('before', examplesText(first.flatMap(({ examples }) => examples.slice(0, 1))));
  program.addHelpText('after', exitStatusText);
  for (const command of COMMANDS) declare(program, command, dispatch);
  return program;
}

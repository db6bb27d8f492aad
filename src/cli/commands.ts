/** The table of commands: help, parsing and dispatch all come from here. */
import type { Command } from './command.ts';
import { apply } from './commands/apply.ts';
import { capabilities } from './commands/capabilities.ts';
import { conformance } from './commands/conformance.ts';
import { list } from './commands/list.ts';
import { numvfs } from './commands/numvfs.ts';
import { set } from './commands/set.ts';
import { show } from './commands/show.ts';

/** In the order in which help shows them. */
export const COMMANDS: readonly Command[] = [list, show, set, numvfs, apply, capabilities, conformance];

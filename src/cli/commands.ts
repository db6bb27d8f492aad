/** The table of commands: help, parsing and dispatch all come from here. */
import type { Command } from './command.ts';
import { agent } from './commands/agent.ts';
import { apply } from './commands/apply.ts';
import { capabilities } from './commands/capabilities.ts';
import { conformance } from './commands/conformance.ts';
import { events } from './commands/events.ts';
import { gc } from './commands/gc.ts';
import { list } from './commands/list.ts';
import { neutronConfig } from './commands/neutron-config.ts';
import { numvfs } from './commands/numvfs.ts';
import { plan } from './commands/plan.ts';
import { portActivate } from './commands/port-activate.ts';
import { portBind } from './commands/port-bind.ts';
import { portList } from './commands/port-list.ts';
import { portRelease } from './commands/port-release.ts';
import { portShow } from './commands/port-show.ts';
import { recover } from './commands/recover.ts';
import { set } from './commands/set.ts';
import { show } from './commands/show.ts';
import { status } from './commands/status.ts';
import { storeCheck, storeExport, storeImport } from './commands/store.ts';

/** In the order in which help shows them; those of a group stand together. */
export const COMMANDS: readonly Command[] = [
  list,
  show,
  set,
  numvfs,
  apply,
  capabilities,
  conformance,
  portBind,
  portRelease,
  portShow,
  portList,
  portActivate,
  plan,
  recover,
  gc,
  storeExport,
  storeImport,
  storeCheck,
  agent,
  status,
  events,
  neutronConfig,
];

/** What help says of the first word of two. */
export const GROUPS: ReadonlyMap<string, string> = new Map([
  ['port', 'bind ports to functions of this host, and release them'],
  ['store', 'export, import and check what bindings are kept in'],
]);

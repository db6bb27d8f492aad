/** `sriov port activate`: makes the binding on this host the active one. */
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { bindingText } from '../port/outcome-text.ts';
import { SESSION_OPTIONS, bindingOn, withPorts } from '../port/session.ts';

export const portActivate: Command = {
  name: 'port activate',
  summary: "make a port's binding on this host the active one",
  args: [['<id>', 'id of a port with an inactive binding here']],
  options: SESSION_OPTIONS,
  examples: [['sriov port activate PORT', 'after a live migration to this host']],
  notes: 'The binding that was active becomes inactive in the same step. If it fails, all is as before.',
  async run(invocation) {
    return withPorts(invocation, async ({ ports, host }) => {
      const record = await ports.activate(invocation.args[0] ?? '');
      return {
        data: record,
        text: `port ${record.port.id} is active on ${host}: ${bindingText(bindingOn(record, host) ?? null)}\n`,
        warnings: [],
        failures: [],
        exitCode: EXIT.done,
      };
    });
  },
};

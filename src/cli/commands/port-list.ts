/** `sriov port list`: every binding of the store. */
import type { PortRecord } from '../../binding/record.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { type Paint, table } from '../output.ts';
import { placeOf } from '../port/outcome-text.ts';
import { SESSION_OPTIONS, withPorts } from '../port/session.ts';

const HEADER = ['PORT', 'STATUS', 'HOST', 'BINDING', 'VNIC-TYPE', 'VIF-TYPE', 'PLACE', 'MAC', 'VLAN'];

/** A line for each binding; a port that is being migrated has two. */
export function portListText(records: readonly PortRecord[], paint: Paint): string {
  const rows = records.flatMap(({ port, network, status, bindings }) => {
    const last = [port.mac_address ?? '-', network.segmentation_id?.toString() ?? '-'];
    if (bindings.length === 0) return [[port.id, status, '-', '-', '-', 'unbound', '-', ...last]];
    return bindings.map((binding) => [
      port.id,
      status,
      binding.host,
      binding.status,
      binding.vnic_type,
      binding.vif_type,
      placeOf(binding) ?? '-',
      ...last,
    ]);
  });
  return rows.length === 0 ? '' : table(HEADER, rows, paint);
}

export const portList: Command = {
  name: 'port list',
  summary: 'list the ports of the store, those of other hosts too',
  args: [],
  options: SESSION_OPTIONS,
  examples: [
    ['sriov port list', 'a line for each binding'],
    ["sriov port list --json | jq -r '.data[].port.id'", 'ids only'],
  ],
  async run(invocation) {
    const records = await withPorts(invocation, ({ ports }) => ports.list());
    const text = portListText(records, invocation.io.paint);
    return { data: records, text, warnings: [], failures: [], exitCode: EXIT.done };
  },
};

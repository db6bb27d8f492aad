/** `sriov list`: every SR-IOV physical function with a net device. */
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { type Paint, table } from '../output.ts';
import { type PfSummary, summarise } from '../pf-text.ts';

export function listText(pfs: readonly PfSummary[], paint: Paint): string {
  if (pfs.length === 0) return '';
  const rows = pfs.map((pf) => [
    pf.name,
    `${pf.ifindex}`,
    pf.device ?? '-',
    pf.driver ?? '-',
    `${pf.numVfs ?? '-'}`,
    `${pf.totalVfs ?? '-'}`,
  ]);
  return table(['NAME', 'IFINDEX', 'DEVICE', 'DRIVER', 'VFS', 'TOTAL'], rows, paint);
}

export const list: Command = {
  name: 'list',
  summary: 'list the SR-IOV physical functions of this host',
  args: [],
  options: [],
  examples: [
    ['sriov list', 'name, device and number of VFs of each PF'],
    ["sriov list --json | jq -r '.data[].name'", 'names only'],
  ],
  async run({ io }) {
    const { listPhysicalFunctions } = await loadLibrary();
    const pfs = listPhysicalFunctions().map(summarise);
    const warnings = pfs.length === 0 ? ['no SR-IOV physical function with a net device on this host'] : [];
    return { data: pfs, text: listText(pfs, io.paint), warnings, failures: [], exitCode: EXIT.done };
  },
};

/** `sriov numvfs PF [N]`: how many VFs there are, or shall be. */
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { type PfSummary, summarise } from '../pf-text.ts';
import { UsageError } from '../usage-error.ts';

/** `data` of the envelope. */
export interface NumVfsData extends PfSummary {
  /** The number before the command. */
  readonly previous: number;
  readonly changed: boolean;
}

export function numVfsText(data: NumVfsData, asked: boolean): string {
  if (data.changed) return `${data.name}: ${data.previous} → ${data.numVfs} VFs\n`;
  return `${data.name}: ${data.numVfs} of ${data.totalVfs} VFs${asked ? ', no changes' : ''}\n`;
}

function wantedCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`"${text}" is no number of VFs; write 0 or more`);
  return Number(text);
}

export const numvfs: Command = {
  name: 'numvfs',
  summary: 'show or set the number of VFs of a physical function',
  args: [
    ['<pf>', 'name, ifindex or PCI address'],
    ['[count]', 'VFs that there should be; 0 removes them'],
  ],
  options: [['--recreate', 'remove the VFs that exist first, whoever uses them']],
  examples: [
    ['sriov numvfs enp3s0f0', 'how many there are, and can be'],
    ['sriov numvfs enp3s0f0 8', 'create 8 VFs where there are none'],
    ['sriov numvfs enp3s0f0 16 --recreate', 'destroy those that exist and create 16'],
  ],
  notes:
    'The kernel cannot change a number that is not 0: the VFs have to go first, with all who use them.\n' +
    'That is refused (exit 75) without --recreate. Settings of VFs may be lost with them.',
  async run({ args, options }) {
    const wanted = wantedCount(args[1]);
    const { PhysicalFunction } = await loadLibrary();
    const pf = PhysicalFunction.open(args[0] ?? '');
    const previous = pf.numVfs();
    if (wanted !== undefined) await pf.setNumVfs(wanted, { recreate: options['recreate'] === true });
    const summary = summarise(pf);
    const data: NumVfsData = { ...summary, previous, changed: summary.numVfs !== previous };
    const text = numVfsText(data, wanted !== undefined);
    return { data, text, warnings: [], failures: [], exitCode: EXIT.done };
  },
};

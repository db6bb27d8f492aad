/** `sriov numvfs PF [N]`: how many VFs there are, or shall be. */
import { VfsExistError, VfsInUseError } from '../../errors.ts';
import type { PhysicalFunction } from '../../index.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { type PfSummary, summarise, vfCountText } from '../pf-text.ts';
import { UsageError } from '../usage-error.ts';

/** `data` of the envelope. */
export interface NumVfsData extends PfSummary {
  /** The number before the command. */
  readonly previous: number | null;
  readonly changed: boolean;
}

export function numVfsText(data: NumVfsData, asked: boolean): string {
  if (data.changed) return `${data.name}: ${data.previous ?? '?'} → ${data.numVfs ?? '?'} VFs\n`;
  return `${data.name}: ${vfCountText(data)}${asked ? ', no changes' : ''}\n`;
}

function wantedCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw new UsageError(`"${text}" is no number of VFs; write 0 or more`);
  return Number(text);
}

async function change(
  pf: PhysicalFunction,
  wanted: number,
  recreate: boolean,
  force: boolean,
): Promise<void> {
  try {
    await pf.setNumVfs(wanted, { recreate, force });
  } catch (error) {
    if (error instanceof VfsInUseError) {
      throw new VfsInUseError(`${error.message} (--force)`, error.users, error.target);
    }
    if (!(error instanceof VfsExistError) || recreate) throw error;
    throw new VfsExistError(`${error.message} (--recreate)`, error.target);
  }
}

export const numvfs: Command = {
  name: 'numvfs',
  summary: 'show or set the number of VFs of a physical function',
  args: [
    ['<pf>', 'name, ifindex or PCI address'],
    ['[count]', 'VFs that there should be; 0 removes all'],
  ],
  options: [
    ['--recreate', 'remove the VFs that exist first'],
    ['--force', 'remove VFs that are in use as well'],
  ],
  examples: [
    ['sriov numvfs enp3s0f0', 'how many there are, and can be'],
    ['sriov numvfs enp3s0f0 8', 'create 8 VFs where there are none'],
    ['sriov numvfs enp3s0f0 16 --recreate', 'destroy those that exist and create 16'],
  ],
  notes:
    'The kernel changes the number from 0 or to 0 only. So another number than there is means that all VFs go;\n' +
    'that is refused (exit 75) without --recreate, and, where one is in use, without --force. Their settings may be\n' +
    'lost. In use is a VF that a process has open (vfio, uio, vDPA, RDMA), or whose net device is up, below another\n' +
    'device, or in another network namespace.',
  async run({ args, options }) {
    const wanted = wantedCount(args[1]);
    const { PhysicalFunction } = await loadLibrary();
    const pf = PhysicalFunction.open(args[0] ?? '');
    const previous = pf.numVfs() ?? null;
    if (wanted !== undefined)
      await change(pf, wanted, options['recreate'] === true, options['force'] === true);
    const summary = summarise(pf);
    const data: NumVfsData = { ...summary, previous, changed: summary.numVfs !== previous };
    const text = numVfsText(data, wanted !== undefined);
    return { data, text, warnings: [], failures: [], exitCode: EXIT.done };
  },
};

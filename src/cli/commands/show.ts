/** `sriov show PF`: every VF as the kernel has it. */
import type { VfState, VfStats } from '../../vf/config.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { type Paint, table } from '../output.ts';
import { type PfSummary, pfLine, summarise } from '../pf-text.ts';
import { attributeText } from '../vf-text.ts';

type Column = readonly [title: string, cell: (vf: VfState) => string | undefined];

const SETTINGS: readonly Column[] = [
  ['VF', ({ vf }) => `${vf}`],
  ['MAC', (vf) => attributeText(vf, 'mac')],
  ['VLAN', ({ vlan }) => (vlan === undefined ? undefined : `${vlan?.id ?? 0}`)],
  ['QOS', ({ vlan }) => (vlan === undefined ? undefined : `${vlan?.qos ?? 0}`)],
  ['PROTO', ({ vlan }) => vlan?.proto],
  ['MIN-RATE', ({ rate }) => (rate === undefined ? undefined : `${rate?.min ?? 0}`)],
  ['MAX-RATE', ({ rate }) => (rate === undefined ? undefined : `${rate?.max ?? 0}`)],
  ['SPOOFCHK', (vf) => attributeText(vf, 'spoofCheck')],
  ['TRUST', (vf) => attributeText(vf, 'trust')],
  ['LINK-STATE', (vf) => attributeText(vf, 'linkState')],
  ['QUERY-RSS', (vf) => attributeText(vf, 'rssQuery')],
];

/** Shown only where a VF has them: InfiniBand. */
const GUIDS: readonly Column[] = [
  ['NODE-GUID', (vf) => attributeText(vf, 'nodeGuid')],
  ['PORT-GUID', (vf) => attributeText(vf, 'portGuid')],
];

const STATS: readonly (readonly [title: string, key: keyof VfStats])[] = [
  ['RX-PACKETS', 'rxPackets'],
  ['TX-PACKETS', 'txPackets'],
  ['RX-BYTES', 'rxBytes'],
  ['TX-BYTES', 'txBytes'],
  ['BROADCAST', 'broadcast'],
  ['MULTICAST', 'multicast'],
  ['RX-DROPPED', 'rxDropped'],
  ['TX-DROPPED', 'txDropped'],
];

function tableOf(columns: readonly Column[], vfs: readonly VfState[], paint: Paint): string {
  const rows = vfs.map((vf) => columns.map(([, cell]) => cell(vf) ?? '-'));
  return table(
    columns.map(([title]) => title),
    rows,
    paint,
  );
}

/** Settings as one table, statistics as a second one when they were read. */
export function showText(pf: PfSummary, vfs: readonly VfState[], paint: Paint): string {
  const parts = [`${pfLine(pf)}\n`];
  if (vfs.length === 0) return parts.join('');
  const guids = GUIDS.filter(([, cell]) => vfs.some((vf) => cell(vf) !== undefined));
  parts.push(tableOf([...SETTINGS, ...guids], vfs, paint));
  if (vfs.some(({ stats }) => stats !== undefined)) {
    const columns: Column[] = STATS.map(([title, key]) => [title, ({ stats }) => stats?.[key].toString()]);
    parts.push('\n', tableOf([['VF', ({ vf }) => `${vf}`], ...columns], vfs, paint));
  }
  return parts.join('');
}

export const show: Command = {
  name: 'show',
  summary: 'show the VFs of a physical function',
  args: [['<pf>', 'name, ifindex or PCI address']],
  options: [['--stats', 'packet and byte counters as well']],
  examples: [
    ['sriov show enp3s0f0', 'every VF with its settings'],
    ['sriov show 0000:03:00.0 --stats', 'with counters'],
    ["sriov show enp3s0f0 --json | jq '.data.vfs[3].mac'", 'one value for a script'],
  ],
  notes: 'Rates are in Mbit/s, 0 is no limit. "-" is what the driver does not report.',
  async run({ args, options, io }) {
    const { PhysicalFunction } = await loadLibrary();
    const pf = PhysicalFunction.open(args[0] ?? '');
    const have = await pf.readVfs({ stats: options['stats'] === true });
    // The kernel's own count: sysfs may show another network namespace.
    const summary = { ...summarise(pf), numVfs: have.numVfs };
    const vfs = have.toConfigs();
    const text = showText(summary, vfs, io.paint);
    return { data: { pf: summary, vfs }, text, warnings: [], failures: [], exitCode: EXIT.done };
  },
};

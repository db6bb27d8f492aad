/** `sriov capabilities PF`: what can be told without changing anything. */
import type { Capabilities } from '../../conformance/capabilities.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { loadLibrary } from '../library.ts';
import { type Paint, table } from '../output.ts';

const MEANING = {
  yes: 'reported',
  no: 'not reported: the driver has none, most likely',
  default: 'at its default, which drivers without it report as well',
  unknown: 'there is no VF to ask',
} as const;

export function capabilitiesText(found: Capabilities, paint: Paint): string {
  const facts: readonly (readonly [string, string | number | null])[] = [
    ['device', found.device],
    ['driver', found.driver],
    ['VFs', `${found.numVfs ?? 'unknown'} of ${found.totalVfs ?? 'unknown'}`],
    ['device id of VFs', found.vfDevice],
    ['drivers bound by themselves', found.autoprobe === null ? null : found.autoprobe ? 'yes' : 'no'],
    ['resets', found.resets.length === 0 ? null : found.resets.join(', ')],
    ['link speed', found.linkSpeed === null ? null : `${found.linkSpeed} Mbit/s`],
    ['MTU', found.mtu],
    ['vfio-pci', found.iommuHint],
  ];
  const lines = facts.filter(([, value]) => value !== null).map(([name, value]) => `${name}: ${value}`);
  const rows = found.attributes.map(({ attribute, reported }) => [attribute, MEANING[reported]]);
  return `${found.pf}\n${lines.join('\n')}\n\n${table(['SETTING', 'DRIVER'], rows, paint)}`;
}

export const capabilities: Command = {
  name: 'capabilities',
  summary: 'show what a PF can do; changes nothing',
  args: [['<pf>', 'name, ifindex or PCI address']],
  options: [],
  examples: [['sriov capabilities enp3s0f0', 'VFs, resets, limits, and what the driver reports of VFs']],
  notes: 'What the driver accepts is known by trying only: sriov conformance.',
  async run({ args, io }) {
    const { PhysicalFunction } = await loadLibrary();
    const { readCapabilities } = await import('../../conformance/capabilities.ts');
    const data = await readCapabilities(PhysicalFunction.open(args[0] ?? ''));
    return {
      data,
      text: capabilitiesText(data, io.paint),
      warnings: [],
      failures: [],
      exitCode: EXIT.done,
    };
  },
};

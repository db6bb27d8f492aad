/** The words that describe a port, in all spellings of OpenStack's clients, through commander. */
import type { Command as CommanderCommand } from 'commander';
import { expect, test } from 'vitest';
import type { Command } from '../../../src/cli/command.ts';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { plain } from '../../../src/cli/output.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { isProfileWord, parseProfileWords } from '../../../src/cli/port/profile-words.ts';
import { withPortWords } from '../../../src/cli/port/words.ts';

interface Parsed {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Record<string, unknown>;
}

/** What commander makes of a command line. */
async function parse(...argv: string[]): Promise<Parsed> {
  let parsed: Parsed | undefined;
  const io = {
    out: () => undefined,
    err: () => undefined,
    readInput: async () => '',
    paint: plain,
    columns: 100,
    interruption: () => new AbortController().signal,
  };
  const program: CommanderCommand = createProgram(io, async (command, args, options) => {
    parsed = { command, args, options };
  });
  await program.parseAsync(argv, { from: 'user' });
  if (parsed === undefined) throw new Error('nothing was dispatched');
  return parsed;
}

/** The port that `sriov port bind p1 ...` describes. */
async function portOf(base: Record<string, unknown>, ...argv: string[]): Promise<Record<string, unknown>> {
  const { args, options } = await parse('port', 'bind', ...argv);
  return withPortWords(base, options, args.filter(isProfileWord));
}

test('a command of two words is found by both, and the words after it are its own', async () => {
  const { command, args } = await parse('port', 'release', 'p1', 'p2');
  expect(command).toBe(COMMANDS.find(({ name }) => name === 'port release'));
  expect(args).toEqual(['p1', 'p2']);
});

test.each([
  ['--binding:vnic_type', 'direct', { 'binding:vnic_type': 'direct' }],
  ['--vnic-type', 'macvtap', { 'binding:vnic_type': 'macvtap' }],
  ['--mac-address', '02:00:00:00:00:01', { mac_address: '02:00:00:00:00:01' }],
  ['--network-type', 'flat', { network: { network_type: 'flat' } }],
  ['--provider:network_type', 'vlan', { network: { network_type: 'vlan' } }],
  ['--provider-network-type', 'vlan', { network: { network_type: 'vlan' } }],
  ['--segmentation-id', '100', { network: { segmentation_id: 100 } }],
  ['--provider:segmentation_id', '100', { network: { segmentation_id: 100 } }],
  ['--provider-segment', '100', { network: { segmentation_id: 100 } }],
  ['--physical-network', 'physnet1', { network: { physical_network: 'physnet1' } }],
  ['--provider:physical_network', 'physnet1', { network: { physical_network: 'physnet1' } }],
  ['--provider-physical-network', 'physnet1', { network: { physical_network: 'physnet1' } }],
  ['--place', 'netdevsim1/3', { place: 'netdevsim1/3' }],
  ['--device-owner', 'compute:nova', { device_owner: 'compute:nova' }],
  ['--device-id', 'vm1', { device_id: 'vm1' }],
  ['--device', 'vm1', { device_id: 'vm1' }],
  ['--qos-max-kbps', '500', { qos_rules: [{ type: 'bandwidth_limit', max_kbps: 500, direction: 'egress' }] }],
  ['--qos-min-kbps', '7', { qos_rules: [{ type: 'minimum_bandwidth', min_kbps: 7, direction: 'egress' }] }],
])('%s %s', async (flag, value, expected) => {
  expect(await portOf({ id: 'p1' }, 'p1', flag, value)).toEqual({ id: 'p1', ...expected });
});

test.each([
  ['--enable', { admin_state_up: true }],
  ['--disable', { admin_state_up: false }],
  ['--enable-port-security', { port_security_enabled: true }],
  ['--disable-port-security', { port_security_enabled: false }],
  ['--enable-uplink-status-propagation', { propagate_uplink_status: true }],
  ['--disable-uplink-status-propagation', { propagate_uplink_status: false }],
])('%s', async (flag, expected) => {
  expect(await portOf({ id: 'p1' }, 'p1', flag)).toEqual({ id: 'p1', ...expected });
});

test('words leave what they do not name, merge the profile, and replace only the rate of their kind', async () => {
  const ingress = { type: 'bandwidth_limit', max_kbps: 1, direction: 'ingress' };
  const minimum = { type: 'minimum_bandwidth', min_kbps: 5, direction: 'egress' };
  const base = {
    id: 'p1',
    mac_address: '02:00:00:00:00:01',
    network: { network_type: 'vlan', segmentation_id: 5 },
    'binding:profile': { trusted: true, mine: 'kept' },
    qos_rules: [{ type: 'bandwidth_limit', max_kbps: 9, direction: 'egress' }, ingress, minimum],
  };
  const words = ['--segmentation-id', '6', '--binding:profile', 'trusted=false', '--qos-max-kbps', '0'];
  expect(await portOf(base, 'p1', ...words)).toEqual({
    ...base,
    network: { network_type: 'vlan', segmentation_id: 6 },
    'binding:profile': { trusted: 'false', mine: 'kept' },
    qos_rules: [ingress, minimum],
  });
});

test.each([
  ['one pair', ['--binding:profile', 'pci_slot=0000:03:10.1'], { pci_slot: '0000:03:10.1' }],
  [
    'pairs one by one, in both spellings',
    ['--binding:profile', 'pci_slot=0000:03:10.1', '--binding-profile', 'trusted=true'],
    { pci_slot: '0000:03:10.1', trusted: 'true' },
  ],
  ['JSON', ['--binding-profile', '{"capabilities":["switchdev"]}'], { capabilities: ['switchdev'] }],
  [
    'type=dict and pairs in a word of their own',
    ['--binding:profile', 'type=dict', 'pci_slot=0000:03:10.1,pci_vendor_info=8086:10ed'],
    { pci_slot: '0000:03:10.1', pci_vendor_info: '8086:10ed' },
  ],
  ['type=dict and JSON', ['--binding:profile', 'type=dict', '{"vf_num":3}'], { vf_num: 3 }],
  ['type=dict in the same word', ['--binding:profile', 'type=dict,a=1,b=2'], { a: '1', b: '2' }],
  [
    'what is no text',
    ['--binding:profile', 'vf_num=3', '--binding:profile', 'capabilities=a,b'],
    { vf_num: 3, capabilities: ['a', 'b'] },
  ],
])('a profile as %s', async (_what, words, expected) => {
  for (const argv of [
    ['p1', ...words],
    [...words, 'p1'],
  ]) {
    expect(await portOf({ id: 'p1' }, ...argv)).toEqual({ id: 'p1', 'binding:profile': expected });
  }
});

test.each([
  [['pci_slot'], [], 'expected key=value or JSON'],
  [['=x'], [], 'expected key=value or JSON'],
  [['{"a"'], [], '--binding:profile {"a"'],
  [[], ['a=1'], 'write --binding:profile a=1'],
])('a profile of %j %j is refused', (values, loose, message) => {
  expect(() => parseProfileWords(values, loose)).toThrow(message);
});

test.each([
  [['--enable', '--disable'], '--enable and --disable contradict each other'],
  [['--vnic-type', 'direct', '--binding:vnic_type', 'macvtap'], 'contradict each other'],
  [['--segmentation-id', 'x'], '--segmentation-id x: expected a whole number'],
  [['--qos-max-kbps', '-1'], '--qos-max-kbps -1: expected a whole number'],
])('%j is refused', async (words, message) => {
  await expect(portOf({ id: 'p1' }, 'p1', ...words)).rejects.toThrow(message);
});

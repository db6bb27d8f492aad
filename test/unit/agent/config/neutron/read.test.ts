/** What Neutron's configuration becomes, and what is said of each option. */
import { expect, test } from 'vitest';
import { readNeutronConfig } from '../../../../../src/agent/config/neutron/read.ts';
import { readSettings } from '../../../../../src/agent/config/read.ts';
import { problemsOf } from '../sources.ts';

const NEUTRON = `[DEFAULT]
host = cn1
debug = true
log_dir = /var/log/neutron
transport_url = rabbit://u:secret@h
[agent]
polling_interval = 2
extensions = qos
made_up = 1
`;
const AGENT = `[sriov_nic]
physical_device_mappings = physnet1:eth1,
    physnet2:eth2
exclude_devices = eth1:0000:07:00.2;0000:07:00.3
resource_provider_bandwidths = eth1:1:1
[ml2]
type_drivers = vlan
`;
const NOVA = `[pci]
device_spec = {"vendor_id": "8086", "trusted": "true"}
device_spec = [{"devname": "eth1"},
   {"devname": "eth2"}]
alias = {"name": "a"}
`;
const files = [NEUTRON, AGENT, NOVA].map((text, index) => ({ path: `${index}.ini`, text }));

test('what has a key here is kept, and the result is a configuration that the agent reads', () => {
  const { yaml } = readNeutronConfig(files);
  expect(readSettings({ file: { path: 'result', text: yaml } })).toMatchObject({
    host: 'cn1',
    policy: {
      mappings: new Map([
        ['physnet1', ['eth1']],
        ['physnet2', ['eth2']],
      ]),
      exclude: new Map([['eth1', ['0000:07:00.2', '0000:07:00.3']]]),
      deviceSpecs: [
        { vendorId: '8086', tags: { trusted: 'true' } },
        { devname: 'eth1' },
        { devname: 'eth2' },
      ],
    },
    log: { level: 'debug' },
  });
  expect(yaml).toContain('# [sriov_nic] physical_device_mappings, 1.ini:2\n');
  expect(yaml).not.toContain('secret');
});

test('of every option it is said what became of it, in order, and no value is shown', () => {
  const { notes } = readNeutronConfig(files);
  expect(notes.map(({ where, option, kind }) => `${where} ${option} ${kind}`)).toEqual([
    '0.ini:2 host kept',
    '0.ini:3 debug kept',
    '0.ini:4 log_dir not needed',
    '0.ini:5 transport_url no counterpart',
    '0.ini:7 polling_interval not needed',
    '0.ini:8 extensions not needed',
    '0.ini:9 made_up unknown',
    '1.ini:2 physical_device_mappings kept',
    '1.ini:4 exclude_devices kept',
    '1.ini:5 resource_provider_bandwidths no counterpart',
    '1.ini:7 type_drivers no counterpart',
    '2.ini:2 device_spec kept',
    '2.ini:3 device_spec kept',
    '2.ini:5 alias no counterpart',
  ]);
  expect(JSON.stringify(notes)).not.toContain('secret');
});

test('a later file, and a later line, lie over earlier ones', () => {
  const { yaml, notes } = readNeutronConfig([
    { path: 'a', text: '[DEFAULT]\nhost = a\nhost = b\n[pci]\ndevice_spec = {}\n' },
    { path: 'b', text: '[DEFAULT]\nhost = c\n[pci]\npassthrough_whitelist = {"devname": "eth1"}\n' },
  ]);
  expect(readSettings({ file: { path: 'y', text: yaml } })).toMatchObject({
    host: 'c',
    policy: { deviceSpecs: [{ devname: 'eth1' }] },
  });
  expect(notes.map(({ where, kind }) => `${where} ${kind}`)).toEqual([
    'a:2 overridden',
    'a:3 overridden',
    'a:5 overridden',
    'b:2 kept',
    'b:4 kept',
  ]);
});

test('nothing that is kept gives a configuration of defaults', () => {
  const { yaml } = readNeutronConfig([{ path: 'a', text: '' }]);
  expect(readSettings({ file: { path: 'y', text: yaml } })).toEqual(readSettings({}));
});

test.each([
  ['[sriov_nic]\n\nphysical_device_mappings = physnet1\n', 'a:3', '[sriov_nic] physical_device_mappings'],
  ['[sriov_nic]\nexclude_devices = eth1:0000:07:00.2\n', 'a:2', '[sriov_nic] exclude_devices'],
  ['[pci]\ndevice_spec = {}\ndevice_spec = {"vendor_id": 8086}\n', 'a:3', '[pci] device_spec'],
  ['[pci]\ndevice_spec = {\n', 'a:2', '[pci] device_spec'],
  ['[DEFAULT]\ndebug = maybe\n', 'a:2', '[DEFAULT] debug'],
  ['[DEFAULT]\nhost\n', 'a:2', ''],
])('%j is refused with its line and option', (text, where, key) => {
  expect(problemsOf(() => readNeutronConfig([{ path: 'a', text }]))).toMatchObject([{ where, key }]);
});

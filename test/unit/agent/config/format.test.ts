/** What is written reads back as the same settings; what differs is named by its key. */
import { assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { changedKeys, formatSettings } from '../../../../src/agent/config/format.ts';
import { CONFIG_KEYS } from '../../../../src/agent/config/keys.ts';
import { readSettings } from '../../../../src/agent/config/read.ts';
import { fromFile } from './sources.ts';
import { configs } from './arbitrary.ts';

test('settings of any configuration, written as YAML, read back equal and change no key', () => {
  assert(
    property(configs(), (config) => {
      const settings = fromFile(JSON.stringify(config));
      const text = formatSettings(settings);
      const again = fromFile(text);
      expect(again).toEqual(settings);
      expect(changedKeys(settings, again)).toEqual([]);
      expect(formatSettings(again)).toBe(text);
    }),
    { numRuns: 150 },
  );
}, 30_000);

test('every key is written, in the order of the table', () => {
  const settings = readSettings({ flags: { host: 'cn1', store: '/srv/store' } });
  expect(formatSettings(settings)).toBe(`host: cn1
store: /srv/store
policy:
  device_spec: null
  physical_device_mappings: null
  exclude_devices: null
  choose: spread
  numa_node: null
reconcile:
  debounce_ms: 5
  max_delay_ms: 100
  poll_s: 300
  concurrency: 4
  backoff_first_ms: 1000
  backoff_max_ms: 60000
  trusted_mac: guest
  retry_failed: true
api:
  socket: /run/sriov/agent.sock
  read:
    users: []
    groups: []
  write:
    users: []
    groups: []
metrics:
  listen: null
  vf_statistics: false
log:
  level: info
  format: json
on_stop: keep
`);
});

const CHANGES: Readonly<Record<string, readonly string[]>> = {
  host: ['cn2'],
  store: ['/srv/other'],
  'policy.device_spec': ['[]', '{"vendor_id":"8086"}', '{"vendor_id":"8086","trusted":true}'],
  'policy.physical_device_mappings': ['a:eth1', 'a:eth1,a:eth2', 'b:eth1'],
  'policy.choose': ['pack'],
  'policy.numa_node': ['0', '1'],
  'reconcile.debounce_ms': ['6'],
  'reconcile.max_delay_ms': ['101'],
  'reconcile.poll_s': ['0', '1'],
  'reconcile.concurrency': ['5'],
  'reconcile.backoff_first_ms': ['1001'],
  'reconcile.backoff_max_ms': ['60001'],
  'reconcile.trusted_mac': ['port'],
  'reconcile.retry_failed': ['false'],
  'api.socket': ['null', '/run/x'],
  'api.read.users': ['a', '1'],
  'api.read.groups': ['a', 'a,b'],
  'api.write.users': ['a'],
  'api.write.groups': ['a'],
  'metrics.listen': ['127.0.0.1:1', '127.0.0.1:2', '[::1]:1', 'unix:/run/x'],
  'metrics.vf_statistics': ['true'],
  'log.level': ['debug'],
  'log.format': ['text'],
  on_stop: ['release'],
};

test.each(CONFIG_KEYS.filter(({ path }) => path !== 'policy.exclude_devices'))(
  'a change of $path is named, and nothing else',
  ({ path }) => {
    const base = ['host=cn1', 'store=/srv/store'];
    const given = [[], ...(CHANGES[path] ?? []).map((value) => [`${path}=${value}`])];
    expect(given.length).toBeGreaterThan(1);
    const read = given.map((set) => readSettings({ flags: { set: [...base, ...set] } }));
    for (const a of read) {
      for (const b of read) expect(changedKeys(a, b)).toEqual(a === b ? [] : [path]);
    }
  },
);

test('a change of excluded devices is named', () => {
  const read = (slots: string) =>
    readSettings({
      flags: { set: ['policy.physical_device_mappings=a:eth1', `policy.exclude_devices=eth1:${slots}`] },
    });
  expect(changedKeys(read('0000:07:00.2'), read('0000:07:00.3'))).toEqual(['policy.exclude_devices']);
  expect(changedKeys(read('0000:07:00.2'), read('07:00.2'))).toEqual([]);
});

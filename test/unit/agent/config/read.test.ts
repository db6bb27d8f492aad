/** Where settings come from, in which order, and what every key becomes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { variableOf } from '../../../../src/agent/config/key.ts';
import { CONFIG_KEYS } from '../../../../src/agent/config/keys.ts';
import { loadSettings, readSettings } from '../../../../src/agent/config/read.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import { DEFAULTS, fromFile, problemsOf } from './sources.ts';

test('without any source every setting is its default', () => {
  const env = { SRIOV_STORE: '/srv/store' };
  expect(readSettings({ env })).toEqual({ ...DEFAULTS, host: hostname(), store: '/srv/store' });
});

test.each([[''], ['# nothing\n'], ['{}'], ['reconcile:\napi:\n  read:\n  write: {}\n']])(
  'the file %j says nothing',
  (text) => {
    expect(fromFile(text)).toEqual(readSettings({}));
  },
);

/** A value that is not the default, for each key: in the file, as words, and where it goes. */
const SAMPLES: Readonly<Record<string, readonly [file: string, words: string, settings: object]>> = {
  host: ['cn1', 'cn1', { host: 'cn1' }],
  store: ['/srv/s', '/srv/s', { store: '/srv/s' }],
  'policy.device_spec': [
    '[{vendor_id: "8086", address: "*:3b:*.*", trusted: true}]',
    '{"vendor_id":"8086","address":"*:3b:*.*","trusted":true}',
    { policy: { deviceSpecs: parseDeviceSpecs('{"vendor_id":"8086","address":"*:3b:*.*","trusted":true}') } },
  ],
  'policy.physical_device_mappings': [
    '["physnet1:eth1", "physnet1:eth2"]',
    'physnet1:eth1, physnet1:eth2',
    { policy: { mappings: new Map([['physnet1', ['eth1', 'eth2']]]) } },
  ],
  'policy.choose': ['pack', 'pack', { policy: { choose: 'pack' } }],
  'policy.numa_node': ['0', '0', { policy: { numaNode: 0 } }],
  'reconcile.debounce_ms': ['0', '0', { reconcile: { debounceMs: 0 } }],
  'reconcile.max_delay_ms': ['60000', '60000', { reconcile: { maxDelayMs: 60_000 } }],
  'reconcile.poll_s': ['60', '60', { reconcile: { pollMs: 60_000 } }],
  'reconcile.concurrency': ['64', '64', { reconcile: { concurrency: 64 } }],
  'reconcile.backoff_first_ms': ['1', '1', { reconcile: { backoffFirstMs: 1 } }],
  'reconcile.backoff_max_ms': ['86400000', '86400000', { reconcile: { backoffMaxMs: 86_400_000 } }],
  'reconcile.trusted_mac': ['port', 'port', { reconcile: { trustedMac: 'port' } }],
  'reconcile.retry_failed': ['false', 'false', { reconcile: { retryFailed: false } }],
  'api.socket': ['null', 'null', { api: { socket: null } }],
  'api.read.users': ['[nova, 1000]', 'nova,1000', { api: { read: { users: ['nova', 1000], groups: [] } } }],
  'api.read.groups': ['[adm]', 'adm', { api: { read: { users: [], groups: ['adm'] } } }],
  'api.write.users': ['[0]', '0', { api: { write: { users: [0], groups: [] } } }],
  'api.write.groups': ['[a, b]', 'a,b', { api: { write: { users: [], groups: ['a', 'b'] } } }],
  'metrics.listen': ['"[::1]:9464"', '[::1]:9464', { metrics: { listen: { host: '::1', port: 9464 } } }],
  'metrics.vf_statistics': ['true', 'true', { metrics: { vfStatistics: true } }],
  'log.level': ['debug', 'debug', { log: { level: 'debug' } }],
  'log.format': ['text', 'text', { log: { format: 'text' } }],
  on_stop: ['release', 'release', { onStop: 'release' }],
};

describe.each(CONFIG_KEYS.filter(({ path }) => path !== 'policy.exclude_devices'))('$path', (key) => {
  const [file, words, settings] = SAMPLES[key.path] ?? ['', '', { missing: key.path }];
  const steps = key.path.split('.');
  const text = `${steps.map((step) => `{${step}: `).join('')}${file}${'}'.repeat(steps.length)}`;

  test('is read from the file', () => expect(fromFile(text)).toMatchObject(settings));

  test('is read from the environment', () =>
    expect(readSettings({ env: { [variableOf(key)]: words } })).toMatchObject(settings));

  test('is read from --set', () =>
    expect(readSettings({ flags: { set: [`${key.path}=${words}`] } })).toMatchObject(settings));
});

test.each(CONFIG_KEYS.filter(({ standard }) => standard !== undefined))(
  'the default of $path that the table says is the one that is used',
  ({ path, standard }) => {
    const set = [`${path}=${Array.isArray(standard) ? '' : String(standard)}`];
    expect(readSettings({ flags: { set } })).toEqual(readSettings({}));
  },
);

test('host and store alone have a default of the machine', () => {
  const paths = CONFIG_KEYS.filter(({ standard }) => standard === undefined).map(({ path }) => path);
  expect(paths).toEqual(['host', 'store']);
});

test('excluded devices are read with the mappings, wherever these come from', () => {
  const exclude = new Map([['eth1', ['0000:07:00.2', '0000:07:00.3']]]);
  const file = 'policy: {exclude_devices: "eth1:0000:07:00.2;0000:07:00.3"}';
  const env = { SRIOV_AGENT_POLICY_PHYSICAL_DEVICE_MAPPINGS: 'physnet1:eth1' };
  expect(fromFile(file, { env }).policy.exclude).toEqual(exclude);
  expect(problemsOf(() => fromFile(file))).toMatchObject([{ where: 'a.yaml:1:27' }]);
});

test('the environment lies over the file, --set over both, and a flag of its own over all', () => {
  const text = 'host: file\nlog: {level: error}\nreconcile: {poll_s: 1, concurrency: 2}\n';
  const env = { SRIOV_AGENT_HOST: 'env', SRIOV_AGENT_LOG_LEVEL: 'warn', SRIOV_AGENT_RECONCILE_POLL_S: '2' };
  const set = ['host=set', 'reconcile.poll_s=3', 'log.level=info', 'reconcile.poll_s=4'];
  expect(fromFile(text, { env })).toMatchObject({
    host: 'env',
    log: { level: 'warn' },
    reconcile: { pollMs: 2000, concurrency: 2 },
  });
  expect(fromFile(text, { env, flags: { set } })).toMatchObject({
    host: 'set',
    log: { level: 'info' },
    reconcile: { pollMs: 4000, concurrency: 2 },
  });
  expect(
    fromFile(text, { env, flags: { set, host: 'flag', logLevel: 'debug', store: 'here' } }),
  ).toMatchObject({
    host: 'flag',
    store: join(process.cwd(), 'here'),
    log: { level: 'debug' },
  });
});

test("the store of all commands is the default, and the agent's own lies over it", () => {
  const env = { SRIOV_STORE: '/srv/all', SRIOV_AGENT_STORE: '/srv/agent' };
  expect(readSettings({ env: { SRIOV_STORE: '/srv/all' } }).store).toBe('/srv/all');
  expect(readSettings({ env }).store).toBe('/srv/agent');
});

test('a null takes back what the file says', () => {
  const file = 'policy: {numa_node: 1, device_spec: []}';
  const set = ['policy.numa_node=null', 'policy.device_spec=null'];
  expect(fromFile(file).policy).toEqual({ choose: 'spread', numaNode: 1, deviceSpecs: [] });
  expect(fromFile(file, { flags: { set } }).policy).toEqual({ choose: 'spread' });
});

test('a file is loaded by its path, and one that is not there is a problem with its reason', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'agent-config-'));
  try {
    const path = join(directory, 'agent.yaml');
    await expect(loadSettings(path, {})).rejects.toMatchObject({
      code: 'SRIOV_INVALID_CONFIG',
      problems: [{ where: path, message: expect.stringContaining('ENOENT') }],
    });
    writeFileSync(path, 'host: cn1\n');
    expect(await loadSettings(path, {})).toMatchObject({ host: 'cn1' });
    expect(await loadSettings(undefined, { SRIOV_AGENT_HOST: 'cn2' })).toMatchObject({ host: 'cn2' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

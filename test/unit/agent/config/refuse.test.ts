/** What is refused, where it is said to be, and what is said to be expected. */
import { describe, expect, test } from 'vitest';
import { AgentConfigError } from '../../../../src/agent/config/error.ts';
import { variableOf } from '../../../../src/agent/config/key.ts';
import { CONFIG_KEYS } from '../../../../src/agent/config/keys.ts';
import { readSettings } from '../../../../src/agent/config/read.ts';
import { fromFile, problemsOf } from './sources.ts';

test.each([
  ['hots: a', '1:1', 'hots', 'unknown key, did you mean host?'],
  ['policy: {chose: pack}', '1:10', 'policy.chose', 'unknown key, did you mean choose?'],
  ['api:\n  read:\n    user: []', '3:5', 'api.read.user', 'unknown key, did you mean users?'],
  ['reconcile: {pollMs: 5}', '1:13', 'reconcile.pollMs', 'unknown key, did you mean poll_s?'],
  ['poll_s: 5', '1:1', 'poll_s', 'unknown key, did you mean reconcile.poll_s?'],
  ['on_stop: {keep: true}', '1:1', 'on_stop', 'expected keep or release, got (an object)'],
  ['zzz: 1', '1:1', 'zzz', /known are host, store, policy, reconcile, api, metrics, log, on_stop$/],
  ['__proto__: {a: 1}', '1:1', '__proto__', /^unknown key/],
  ['constructor: 1', '1:1', 'constructor', /^unknown key/],
  ['1: x', '1:1', '1', /^unknown key/],
] as const)('the key of %j is refused at %s with what is known', (text, at, key, message) => {
  const [problem, ...more] = problemsOf(() => fromFile(text));
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ where: `a.yaml:${at}`, key });
  expect(problem?.message).toMatch(message);
});

test.each([
  ['- a', /^expected the keys host, .*, got \(a list\)$/],
  ['just text', /got "just text"$/],
  ['log: info', /^expected the keys level, format, got "info"$/],
  ['host: a\nhost: b', /^Map keys must be unique/],
  ['log: {level: info, level: warn}', /^Map keys must be unique/],
  ['host: [', /./],
  ['host: "a', /./],
  ['a: 1\n---\nb: 2', /multiple documents/],
  ['host: !secret x', /Unresolved tag/],
  ['host: &a b\nstore: *c', /c/],
  ['host:\n', /^has no value; leave the key out for its default$/],
  ['policy:\n  device_spec:\n  # - {vendor_id: "8086"}\n', /^has no value/],
  ['reconcile: {poll_s}', /^has no value/],
])('the file %j is refused', (text, message) => {
  const [problem] = problemsOf(() => fromFile(text));
  expect(problem?.message).toMatch(message);
  expect(problem?.where).toMatch(/^a\.yaml(:\d+:\d+)?$/);
});

test('aliases that stand for too much are refused and not written out', () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items = Array.from({ length: 10 }, () => (level === 0 ? 'x' : `*a${level - 1}`));
    return `a${level}: &a${level} [${items.join(', ')}]`;
  });
  expect(problemsOf(() => fromFile(levels.join('\n')))).toMatchObject([
    { message: expect.stringMatching(/alias/i) },
  ]);
});

/** Of each key at least one value that is just outside, or of another kind. */
const WRONG: Readonly<Record<string, readonly string[]>> = {
  host: ['""', '" a"', '1', 'null', 'true', `"${'a'.repeat(256)}"`, '"a\\nb"'],
  store: ['""', 'here', '1', 'null', '[]'],
  'policy.device_spec': ['1', 'true', '[1]', '"{"', '{vendor_id: 8086}', '[{vendor_id: "12345"}]', '[[]]'],
  'policy.physical_device_mappings': ['1', '[1]', 'physnet1', '["physnet1:eth1:x"]', '{physnet1: eth1}'],
  'policy.exclude_devices': ['1', '[1]', '{}'],
  'policy.choose': ['1', 'Spread', '""', 'null'],
  'policy.numa_node': ['-1', '1024', '0.5', '"0"'],
  'reconcile.debounce_ms': ['-1', '10001', '0.5', '"5"', 'null', '.inf', '.nan'],
  'reconcile.max_delay_ms': ['-1', '60001'],
  'reconcile.poll_s': ['-1', '86401', '5 m'],
  'reconcile.concurrency': ['0', '65'],
  'reconcile.backoff_first_ms': ['0', '3600001'],
  'reconcile.backoff_max_ms': ['0', '86400001'],
  'reconcile.trusted_mac': ['host', 'null'],
  'reconcile.retry_failed': ['1', 'yes', '"true"', 'null'],
  'api.socket': ['""', 'agent.sock', '/run/', `/${'a'.repeat(107)}`, `/${'ü'.repeat(54)}`, 'false'],
  'api.read.users': [
    'nova',
    '["1000"]',
    '[-1]',
    '[4294967295]',
    '[""]',
    '["a b"]',
    '["a,b"]',
    '[1.5]',
    'null',
  ],
  'api.read.groups': ['{}', '[[]]'],
  'api.write.users': ['[null]'],
  'api.write.groups': ['["a:b"]'],
  'metrics.listen': [
    '""',
    '9464',
    '":9464"',
    '"127.0.0.1"',
    '"127.0.0.1:0"',
    '"127.0.0.1:65536"',
    '"::1:9464"',
  ],
  'metrics.vf_statistics': ['0', 'on'],
  'log.level': ['trace', 'INFO', '3'],
  'log.format': ['yaml', 'null'],
  on_stop: ['restore', 'false', 'null'],
};

describe.each(CONFIG_KEYS)('$path', (key) => {
  const { path, expected } = key;
  const steps = path.split('.');
  const start = steps.map((step) => `{${step}: `).join('');

  test.each(WRONG[path] ?? ['no sample'])('refuses %s in the file and says what is expected', (value) => {
    const [problem, ...more] = problemsOf(() => fromFile(`${start}${value}${'}'.repeat(steps.length)}`));
    expect(more).toEqual([]);
    expect(problem?.key.startsWith(path)).toBe(true);
    expect(problem?.message).toContain(expected);
    expect(problem?.where.startsWith('a.yaml:1:')).toBe(true);
  });
});

// Excluded devices are left out: their words are checked beside the mappings.
test.each(CONFIG_KEYS.filter(({ path }) => path !== 'policy.exclude_devices'))(
  'wrong words for $path are refused with the name of the variable, or of the flag',
  (key) => {
    const words = key.path === 'host' ? 'a'.repeat(300) : key.kind === 'names' ? '-1' : '§:';
    const [name, set] = [variableOf(key), [`${key.path}=${words}`]];
    expect(problemsOf(() => readSettings({ env: { [name]: words } }))).toMatchObject([{ where: name }]);
    expect(problemsOf(() => readSettings({ flags: { set } }))).toMatchObject([
      { where: `--set ${key.path}` },
    ]);
  },
);

test.each([
  ['metrics.listen=0.0.0.0:9464', /reverse proxy/],
  ['metrics.listen=[::]:9464', /reverse proxy/],
  ['metrics.listen=10.0.0.1:9464', /reverse proxy/],
  ['metrics.listen=[::ffff:127.0.0.1]:9464', /reverse proxy/],
  ['metrics.listen=localhost:9464', /write 127\.0\.0\.1 or \[::1\]/],
  ['metrics.listen=[fe80::1%lo]:1', /must be one of IPv4/],
  ['metrics.listen=127.1:9464', /must be one of IPv4/],
  ['metrics.listen=unix:metrics.sock', /absolute path/],
])('%s is refused with the way out', (pair, message) => {
  expect(problemsOf(() => readSettings({ flags: { set: [pair] } }))[0]?.message).toMatch(message);
});

test.each([
  ['127.0.0.1:9464', { host: '127.0.0.1', port: 9464 }],
  ['127.1.2.3:1', { host: '127.1.2.3', port: 1 }],
  ['[0:0:0:0:0:0:0:1]:65535', { host: '::1', port: 65_535 }],
  ['unix:/run/sriov/metrics.sock', { path: '/run/sriov/metrics.sock' }],
  [`unix:/${'a'.repeat(106)}`, { path: `/${'a'.repeat(106)}` }],
])('metrics may be served at %s', (text, listen) => {
  expect(readSettings({ flags: { set: [`metrics.listen=${text}`] } }).metrics.listen).toEqual(listen);
});

test.each([
  [
    'reconcile.debounce_ms=200',
    'reconcile.debounce_ms',
    /max_delay_ms 100 must not be below .*debounce_ms 200/,
  ],
  ['reconcile.max_delay_ms=4', 'reconcile.max_delay_ms', /max_delay_ms 4 must not be below .*debounce_ms 5/],
  ['reconcile.backoff_max_ms=999', 'reconcile.backoff_max_ms', /must not be below .*backoff_first_ms 1000/],
  [
    'reconcile.backoff_first_ms=60001',
    'reconcile.backoff_first_ms',
    /backoff_max_ms 60000 must not be below/,
  ],
  [
    'policy.exclude_devices=eth1:0000:07:00.2',
    'policy.exclude_devices',
    /needs policy.physical_device_mappings/,
  ],
])('%s alone is refused, as it contradicts another key', (pair, key, message) => {
  const [problem, ...more] = problemsOf(() => readSettings({ flags: { set: [pair] } }));
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ where: `--set ${key}`, key });
  expect(problem?.message).toMatch(message);
});

test.each([['eth2:0000:07:00.2'], ['eth1'], ['eth1:x'], ['eth1:,eth1:']])(
  'excluded devices %s are refused beside mappings of eth1',
  (words) => {
    const set = ['policy.physical_device_mappings=physnet1:eth1', `policy.exclude_devices=${words}`];
    expect(problemsOf(() => readSettings({ flags: { set } }))).toMatchObject([
      { where: '--set policy.exclude_devices', key: 'policy.exclude_devices' },
    ]);
  },
);

test('each wrong device spec is told at its own line, with its field', () => {
  const text =
    'policy:\n  device_spec:\n    - {vendor_id: 8086}\n    - {product_id: "1572"}\n    - address: {slot: "("}\n';
  expect(problemsOf(() => fromFile(text))).toMatchObject([
    {
      where: 'a.yaml:3:19',
      key: 'policy.device_spec[0].vendor_id',
      message: expect.stringContaining('text in hexadecimal'),
    },
    { where: 'a.yaml:5:23', key: 'policy.device_spec[2].address.slot' },
  ]);
});

test('a value behind an alias is told where the alias stands', () => {
  const text = 'api:\n  read: {users: &u ["a b"]}\n  write: {users: *u}\n';
  expect(problemsOf(() => fromFile(text)).map(({ where }) => where)).toEqual(['a.yaml:2:21', 'a.yaml:3:18']);
});

test('problems of all sources are told at once, also of values that another source lies over', () => {
  const env = {
    SRIOV_AGENT_LOG_LEVL: 'info',
    SRIOV_AGENT_LOG_FORMAT: 'xml',
    SRIOV_AGENTX: '1',
    PATH: '/bin',
  };
  const flags = { set: ['log.levl=1', 'nonsense', 'log.level'], host: '', logLevel: 'loud', store: '' };
  const problems = problemsOf(() => fromFile('log: {format: [], x: 1}\n', { env, flags }));
  expect(problems.map(({ where, key }) => `${where} ${key}`)).toEqual([
    'a.yaml:1:15 log.format',
    'a.yaml:1:19 log.x',
    'SRIOV_AGENT_LOG_LEVL ',
    'SRIOV_AGENT_LOG_FORMAT log.format',
    '--set log.levl ',
    '--set nonsense ',
    '--set log.level log.level',
    '--host host',
    '--store store',
    '--log-level log.level',
  ]);
  expect(problems[2]?.message).toBe('unknown variable, did you mean SRIOV_AGENT_LOG_LEVEL?');
  expect(problems[4]?.message).toBe('unknown key, did you mean log.level?');
});

test.each(['SRIOV_AGENT_', 'SRIOV_AGENT_log_level', 'SRIOV_AGENT_RECONCILE'])(
  'the variable %s is unknown',
  (name) => {
    expect(problemsOf(() => readSettings({ env: { [name]: 'info' } }))).toMatchObject([{ where: name }]);
  },
);

test('a variable that is set to nothing is refused, save for a list of names', () => {
  const env = { SRIOV_AGENT_API_READ_USERS: '', SRIOV_AGENT_POLICY_PHYSICAL_DEVICE_MAPPINGS: '' };
  expect(problemsOf(() => readSettings({ env }))).toMatchObject([
    { where: 'SRIOV_AGENT_POLICY_PHYSICAL_DEVICE_MAPPINGS', message: expect.stringMatching(/^has no value/) },
  ]);
});

test('the message has one problem in its line, and several in a line each', () => {
  const one = new AgentConfigError([{ where: 'a:1:2', key: 'k', message: 'm' }]);
  expect(one).toMatchObject({ message: 'wrong configuration: a:1:2: k: m', code: 'SRIOV_INVALID_CONFIG' });
  const two = new AgentConfigError([one.problems[0]!, { where: '--set', key: '', message: 'n' }]);
  expect(two.message).toBe('wrong configuration, 2 problems:\n  a:1:2: k: m\n  --set: n');
});

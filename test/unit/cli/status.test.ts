/** `sriov status`: what it shows of an agent that answers, and what of one that does not. */
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AgentUnreachableError } from '../../../src/agent/api/errors.ts';
import { durationText, statusText } from '../../../src/cli/agent/status-text.ts';
import { exitCodeForError } from '../../../src/cli/exit-codes.ts';
import { type AskedAgent, askedAgent, portView } from './asked-agent.ts';
import { run } from './io.ts';

let asked: AskedAgent;
beforeEach(async () => {
  asked = await askedAgent();
});
afterEach(() => asked.end());

const status = (...more: string[]): ReturnType<typeof run> =>
  run('status', '--socket', asked.socket, ...more);

test('one line says how the agent is, and ports that are not ok come first with their reason', async () => {
  asked.agent.shown = {
    uptimeMs: 11_520_000,
    ports: [
      portView('p1'),
      portView('p2', { state: 'guest-mac', place: 'pf0/1', reason: 'its guest gave it the MAC' }),
      portView('p3', {
        state: 'held',
        place: 'pf1/0',
        reason: 'EBUSY: the driver\nis busy',
        retryInMs: 1500,
      }),
      portView('p4', { state: 'lost', place: 'pf1/3', reason: 'pf1 has 2 VFs', repairs: 7 }),
      portView('p5', { place: 'pf1/1' }),
    ],
  };
  const { status: code, out, err } = await status();
  expect([code, err]).toEqual([0, '']);
  expect(out).toBe(
    `a: healthy, up 3 h 12 min, 5 ports (1 lost, 1 held, 1 guest-mac, 2 ok), 2 PFs (2 up)

PF   NET-DEVICE  STATE  VFS  PORTS  LAST-LOOK             TRIGGER  TROUBLE
pf0  eth-pf0     up       4      0  2026-01-02T03:04:05Z  start    -
pf1  eth-pf1     up       4      0  2026-01-02T03:04:05Z  start    -

PORT  STATE      PLACE  VIF-TYPE  BINDING  STATUS  REPAIRS  REASON
p4    lost       pf1/3  hw_veb    ACTIVE   ACTIVE        7  pf1 has 2 VFs
p3    held       pf1/0  hw_veb    ACTIVE   ACTIVE        0  EBUSY: the driver is busy; again in 2 s
p2    guest-mac  pf0/1  hw_veb    ACTIVE   ACTIVE        0  its guest gave it the MAC
p1    ok         pf0/0  hw_veb    ACTIVE   ACTIVE        0  -
p5    ok         pf1/1  hw_veb    ACTIVE   ACTIVE        0  -
`,
  );
});

test('an agent that is not healthy exits with 1 and says why', async () => {
  asked.agent.shown = {
    healthy: false,
    reasons: ['store: no space left', 'pf1: no such device'],
    ports: [],
    pfs: [],
  };
  const ill = await status();
  expect([ill.status, ill.out]).toEqual([
    1,
    'a: not healthy, up 0 s, 0 ports, 0 PFs\n  store: no space left\n  pf1: no such device\n',
  ]);
  asked.agent.shown = { ready: false, healthy: false, reasons: ['it has not looked at everything once yet'] };
  expect((await status()).out).toMatch(/^a: not ready, .*\n {2}it has not looked/);
});

test('trouble of a PF is in its row', async () => {
  const base = await asked.agent.status();
  const [pf] = base.pfs;
  if (pf === undefined) throw new Error('the agent has no PF');
  const trouble = { code: 'EIO', message: 'the device\ndoes not answer', retryInMs: 61_000 };
  asked.agent.shown = {
    pfs: [{ ...pf, state: 'absent', netDevice: null, numVfs: null, lastLook: null, trouble }],
  };
  expect((await status()).out).toContain(
    'pf0  -           absent  -        0  -          -        EIO: the device does not answer; again in 1 min 1 s\n',
  );
});

test('a PF by either of its names is shown alone, with its ports; an unknown one is wrong usage', async () => {
  asked.agent.shown = {
    ports: [portView('p1'), portView('p2', { place: 'pf1/0' }), portView('p3', { place: 'pf1' })],
  };
  for (const name of ['pf1', 'eth-pf1']) {
    const { data } = JSON.parse((await status(name, '--json')).out) as {
      data: { pfs: { pf: string }[]; ports: { id: string }[] };
    };
    expect([data.pfs.map(({ pf }) => pf), data.ports.map(({ id }) => id)]).toEqual([['pf1'], ['p2', 'p3']]);
  }
  const wrong = await status('eth-pf3');
  expect([wrong.status, wrong.out]).toEqual([64, '']);
  expect(wrong.err).toContain('does not look at a PF eth-pf3; did you mean eth-pf0?');
});

test('--json is the status of the API in an envelope', async () => {
  const { out } = await status('--json');
  expect(JSON.parse(out)).toEqual({
    schema: 'sriov/status/v1',
    data: JSON.parse(JSON.stringify(await asked.agent.status())),
    warnings: [],
  });
});

test('without an agent it exits with 69 and says what to look at, whether the socket is dead or missing', async () => {
  await asked.stop();
  const missing = await status();
  expect([missing.status, missing.out]).toEqual([69, '']);
  expect(missing.err).toContain(`no agent at ${asked.socket}`);
  const other = createServer((socket) => socket.resume().end('no HTTP\n'));
  await new Promise<void>((resolve) => other.listen(asked.socket, resolve));
  const strange = await status('--json');
  expect(strange.status).toBe(69);
  expect(JSON.parse(strange.out)).toMatchObject({ schema: 'sriov/error/v1', data: { exitCode: 69 } });
  await new Promise<void>((resolve) => other.close(() => resolve()));
  expect((await run('status', '--socket', '')).status).toBe(64);
});

test('who may not ask exits with 77, by the kernel or by the agent', async () => {
  expect(exitCodeForError(new AgentUnreachableError('/s', 'EACCES', ''))).toBe(77);
  expect(exitCodeForError(new AgentUnreachableError('/s', 'ECONNREFUSED', ''))).toBe(69);
  const stranger = await askedAgent({ pid: 7, uid: 65_534, gid: 65_534, groups: [] });
  try {
    const { status: code, err } = await run('status', '--socket', stranger.socket);
    expect([code, err]).toEqual([77, expect.stringContaining('api.read')]);
  } finally {
    await stranger.end();
  }
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [3_605_000, '1 h'],
  [93_784_000, '1 d 2 h'],
])('%i ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test('colour does not shift columns', async () => {
  const shown = {
    ...(await asked.agent.status()),
    ports: [portView('p1', { state: 'lost' }), portView('p2')],
  };
  const text = statusText(shown, (style, cell) => `<${style}>${cell}</>`);
  expect(text).toContain('<green>healthy</>');
  expect(text).toContain('\n<red>p1    lost   pf0/0  hw_veb    ACTIVE   ACTIVE        0  -</>\n');
  expect(text).toContain('\np2    ok     pf0/0 ');
});

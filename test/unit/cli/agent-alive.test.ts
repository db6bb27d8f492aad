/** What counts as the agent's work standing still. */
import { expect, test } from 'vitest';
import type { AgentSettings } from '../../../src/agent/settings.ts';
import type { AgentStatus, PfView } from '../../../src/agent/status.ts';
import { lifeOf } from '../../../src/cli/agent-run/alive.ts';
import { statusLine } from '../../../src/cli/agent-run/status-line.ts';

const PF: PfView = {
  pf: '0000:01:00.0',
  netDevice: 'eth0',
  state: 'up',
  numVfs: 4,
  ports: 2,
  lastLook: null,
  trouble: null,
};
const TROUBLE = { code: 'EIO', message: 'EIO', retryInMs: 1 };

interface Facts {
  looks?: number;
  pfs?: readonly PfView[];
  store?: 'ok' | 'trouble';
  stuck?: boolean;
  pollMs?: number;
}

function life(): { ask: (at: number, facts?: Facts) => Promise<void> } {
  let clock = 0;
  let now: Facts = {};
  const check = lifeOf({
    now: () => clock,
    isStuck: () => now.stuck === true,
    agent: {
      get settings() {
        return { reconcile: { pollMs: now.pollMs ?? 30_000 } } as AgentSettings;
      },
      status: async () =>
        ({
          pfs: now.pfs ?? [PF],
          counters: { looks: now.looks ?? 0 },
          store: { state: now.store ?? 'ok' },
        }) as unknown as AgentStatus,
    },
  });
  return {
    ask: (at, facts = {}) => {
      clock = at;
      now = facts;
      return check();
    },
  };
}

test('three polls without a look at any PF: it stands still', async () => {
  const { ask } = life();
  await ask(0);
  await ask(90_000);
  await expect(ask(90_001)).rejects.toThrow(
    'no PF was looked at for 90000 ms, though each is due every 30000 ms',
  );
  await ask(90_002, { looks: 1 });
  await ask(180_000, { looks: 1 });
});

test.each<[string, Facts]>([
  ['polls are off', { pollMs: 0 }],
  ['nothing is bound', { pfs: [{ ...PF, ports: 0 }] }],
  ['no PF is there', { pfs: [{ ...PF, state: 'absent' }] }],
  ['the PF is in trouble that is told', { pfs: [{ ...PF, trouble: TROUBLE }] }],
  ['the store is in trouble that is told', { store: 'trouble' }],
  ['the lock or the disk of the store does not answer', { stuck: true }],
])('no look is due while %s', async (_what, facts) => {
  const { ask } = life();
  await ask(0, facts);
  await expect(ask(10_000_000, facts)).resolves.toBeUndefined();
});

test('the time that the store did not answer counts for nothing: looks have three polls from then on', async () => {
  const { ask } = life();
  await ask(0);
  await ask(200_000, { stuck: true });
  await ask(290_000);
  await expect(ask(290_001)).rejects.toThrow('no PF was looked at');
});

test('the status line counts ports that are not well, and says what is in trouble', () => {
  const port = (state: string): { state: string } => ({ state });
  const status = {
    ready: true,
    healthy: true,
    reasons: [],
    pfs: [PF],
    ports: ['ok', 'held', 'lost', 'lost', 'guest-mac'].map(port),
  } as unknown as AgentStatus;
  expect(statusLine(status)).toBe('healthy: 5 ports on 1 PFs, 1 held, 2 lost');
  const ill = { ...status, healthy: false, reasons: ['store: ENOSPC'], ports: [] };
  expect(statusLine(ill)).toBe('in trouble: store: ENOSPC; 0 ports on 1 PFs');
  expect(statusLine({ ...ill, ready: false })).toBe('starting: 0 ports on 1 PFs');
});

/** What the log says of events, in both forms. */
import { describe, expect, test } from 'vitest';
import { attachLog } from '../../../../src/agent/log/attach.ts';
import { createLog, type AgentLog, type LogLevel } from '../../../../src/agent/log/log.ts';
import type { AgentEventBody } from '../../../../src/agent/events.ts';
import {
  AT,
  DRIFT,
  ON_VF,
  ONE_OF_EACH,
  RECONCILED,
  REPAIR_FAILED,
  REPAIRED,
  Teller,
  TROUBLE,
} from './events.ts';

/** Parses the text form back; throws where a line is not of it. */
function parseText(line: string): { time: string; level: string; message: string } {
  const [, time, level, message] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (error|warn |info |debug) ([^\n]+)\n$/u.exec(line) ?? [];
  if (time === undefined || level === undefined || message === undefined) {
    throw new Error(`not a line of the log: ${JSON.stringify(line)}`);
  }
  return { time, level: level.trimEnd(), message };
}

interface Written {
  readonly log: AgentLog;
  readonly lines: string[];
  readonly teller: Teller;
}

function logOf(level: LogLevel, format: 'json' | 'text'): Written {
  const lines: string[] = [];
  const log = createLog({ level, format }, { write: (line) => lines.push(line) });
  const teller = new Teller();
  attachLog(teller.agent, log);
  return { log, lines, teller };
}

function levelsOf(bodies: readonly AgentEventBody[]): string[] {
  const { lines, teller } = logOf('debug', 'json');
  for (const body of bodies) teller.tell(body);
  return lines.map((line) => (JSON.parse(line) as { level: string }).level);
}

describe('levels', () => {
  test('each event is one line, of the level that docs/metrics.md gives it', () => {
    const levels = levelsOf(ONE_OF_EACH);
    expect(Object.fromEntries(ONE_OF_EACH.map(({ type }, index) => [type, levels[index]]))).toEqual({
      reconciled: 'debug',
      drift: 'debug',
      repaired: 'info',
      'repair-failed': 'warn',
      lost: 'warn',
      found: 'info',
      'guest-mac': 'info',
      'left-over': 'warn',
      work: 'info',
      port: 'debug',
      'bind-retried': 'info',
      pf: 'info',
      overrun: 'warn',
      trouble: 'error',
      'trouble-over': 'info',
      started: 'info',
      ready: 'info',
      reloaded: 'info',
      stopping: 'info',
      stopped: 'info',
    });
    expect(levels).toHaveLength(ONE_OF_EACH.length);
  });

  test('a claim that was given up is no reason to warn', () => {
    expect(levelsOf([{ type: 'left-over', ...ON_VF, released: true, message: '' }])).toEqual(['info']);
  });

  test('what fails again and again is told at the first and each tenth attempt', () => {
    const attempts = Array.from({ length: 21 }, (_, index) => index + 1);
    const told = (body: AgentEventBody, level: string): number[] => {
      const levels = levelsOf(attempts.map((attempt) => ({ ...body, attempt }) as AgentEventBody));
      return attempts.filter((_, index) => levels[index] === level);
    };
    expect(told(TROUBLE, 'error')).toEqual([1, 10, 20]);
    expect(told(REPAIR_FAILED, 'warn')).toEqual([1, 10, 20]);
    expect(told(REPAIR_FAILED, 'debug')).toHaveLength(18);
  });

  test('a look that found nothing to do writes no line but at debug', () => {
    for (const [level, count] of [
      ['info', 0],
      ['debug', 1],
    ] as const) {
      const { lines, teller } = logOf(level, 'text');
      teller.tell(RECONCILED);
      expect(lines).toHaveLength(count);
    }
  });

  test('a repair is one line at info, with what was found and how long it took', () => {
    const { lines, teller } = logOf('info', 'text');
    for (const body of [DRIFT, REPAIRED, { ...RECONCILED, repaired: 1 }]) teller.tell(body as AgentEventBody);
    expect(lines.map(parseText)).toEqual([
      {
        time: AT,
        level: 'info',
        message: '0000:03:00.0/3: vlan 0 is 100 again (port p1, 3.1 ms after the event)',
      },
    ]);
  });

  test('the level changes while the agent runs, and the form as well', () => {
    const { log, lines, teller } = logOf('error', 'text');
    teller.tell(REPAIRED);
    expect(lines).toHaveLength(0);
    log.setLevel('info');
    teller.tell(REPAIRED);
    expect(lines).toHaveLength(1);
    log.configure({ level: 'debug', format: 'json' });
    teller.tell(RECONCILED);
    expect(JSON.parse(lines[1] as string)).toMatchObject({ event: 'reconciled' });
  });
});

describe('the JSON form', () => {
  test('has the time of the event, the level as a word, the event and all that is known of it', () => {
    const { lines, teller } = logOf('info', 'json');
    teller.tell(DRIFT);
    teller.tell(REPAIRED);
    expect(JSON.parse(lines[0] as string)).toEqual({
      level: 'info',
      time: AT,
      event: 'repaired',
      seq: 2,
      port: 'p1',
      place: '0000:03:00.0/3',
      pf: '0000:03:00.0',
      vf: 3,
      trigger: 'link',
      attributes: ['vlan'],
      recreated: false,
      lagMs: 3.14,
      differences: (DRIFT as { differences: unknown }).differences,
      msg: '0000:03:00.0/3: vlan 0 is 100 again (port p1, 3.1 ms after the event)',
    });
  });

  test('has one name for the reason, and none for an empty one', () => {
    const { lines, teller } = logOf('info', 'json');
    teller.tell(REPAIR_FAILED);
    teller.tell({ type: 'ready', message: '' });
    const [failed, ready] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(failed).toMatchObject({ code: 'EBUSY', reason: 'the driver is at work' });
    expect(failed).not.toHaveProperty('message');
    expect(ready).not.toHaveProperty('reason');
  });

  test('ends each line, and has no line break within one', () => {
    const { lines, teller } = logOf('debug', 'json');
    for (const body of ONE_OF_EACH) teller.tell(body);
    for (const line of lines) expect(line.indexOf('\n')).toBe(line.length - 1);
  });
});

describe('the text form', () => {
  test('every line is time, level and sentence', () => {
    const { lines, teller } = logOf('debug', 'text');
    for (const body of ONE_OF_EACH) teller.tell(body);
    expect(lines.map((line) => parseText(line).time)).toEqual(ONE_OF_EACH.map(() => AT));
  });

  test('names cannot end a line, move a cursor or turn the text around', () => {
    const { lines, teller } = logOf('info', 'text');
    const port = 'p\u001b[2J\nevil\u202e\u009b\u2028\u0000';
    teller.tell({ ...REPAIRED, port } as AgentEventBody);
    const { message } = parseText(lines[0] as string);
    expect(message).toContain(String.raw`p\x1b[2J\nevil\u202e\x9b\u2028\x00`);
  });

  test('a percent sign in a reason is no place for a value', () => {
    const { lines, teller } = logOf('info', 'text');
    teller.tell({ type: 'lost', ...ON_VF, message: '100%s full %d %o' });
    expect(parseText(lines[0] as string).message).toContain('100%s full %d %o');
  });

  test.each([
    [['trust', true, false], 'trust off is on again'],
    [['mac', 'fa:16:3e:00:00:01', undefined], 'mac unknown is fa:16:3e:00:00:01 again'],
    [['vlan', null, { id: 7, qos: 3, proto: '802.1ad' }], 'vlan 7 qos 3 802.1ad is none again'],
    [['rate', { min: 0, max: 100 }, { min: 0, max: 0 }], 'rate min 0 max 0 is min 0 max 100 again'],
  ] as const)('a repair of %j reads: %s', ([attribute, wanted, found], words) => {
    const { lines, teller } = logOf('info', 'text');
    teller.tell({ ...DRIFT, differences: [{ attribute, wanted, found }] } as AgentEventBody);
    teller.tell({ ...REPAIRED, attributes: [attribute], lagMs: null } as AgentEventBody);
    expect(parseText(lines[0] as string).message).toBe(`${ON_VF.place}: ${words} (port p1)`);
  });

  test('a repair after the drift was forgotten does not tell an old value', () => {
    const { lines, teller } = logOf('info', 'text');
    teller.tell(DRIFT);
    teller.tell({ type: 'lost', ...ON_VF, message: 'gone' });
    teller.tell({ ...REPAIRED, recreated: true } as AgentEventBody);
    expect(parseText(lines[1] as string).message).toBe(
      `${ON_VF.place}: made anew, and set up, vlan is as wanted again (port p1, 3.1 ms after the event)`,
    );
  });
});

test('an output that throws does not reach the agent', () => {
  const log = createLog(
    { level: 'info', format: 'text' },
    {
      write() {
        throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
      },
    },
  );
  const teller = new Teller();
  attachLog(teller.agent, log);
  expect(() => teller.tell(REPAIRED)).not.toThrow();
});

test('nothing is written once the log is taken off', () => {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', format: 'json' }, { write: (line) => lines.push(line) });
  const teller = new Teller();
  const end = attachLog(teller.agent, log);
  teller.tell(REPAIRED);
  end();
  teller.tell(REPAIRED);
  expect(lines).toHaveLength(1);
  expect(teller.agent.listenerCount('event')).toBe(0);
});

/** `sriov events`: those that are kept, those to come, and what is said of those that are missing. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EVENTS, SAMPLES } from '../agent/api/samples.ts';
import { type AskedAgent, askedAgent } from './asked-agent.ts';
import { run, runWith } from './io.ts';

let asked: AskedAgent;
beforeEach(async () => {
  asked = await askedAgent();
});
afterEach(() => asked.end());

const events = (...more: string[]): ReturnType<typeof run> =>
  run('events', '--socket', asked.socket, ...more);

test('each event that is kept is one line: time, number, what happened', async () => {
  expect(await events()).toEqual({ status: 0, out: '', err: '' });
  for (const event of EVENTS) asked.agent.make(event);
  const { status, out, err } = await events();
  expect([status, err]).toEqual([0, '']);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(EVENTS.length);
  expect(lines.map((line) => line.split(' ')[1])).toEqual(EVENTS.map((_, index) => String(index + 1)));
  expect(lines[4]).toBe('2026-01-02T03:04:05.678Z 5 0000:03:00.0/3: lost to port p1: the PF has 2 VFs');
});

test('--json is one line of JSON for each, without an envelope; --since and --type choose', async () => {
  for (const event of EVENTS) asked.agent.make(event);
  const all = (await events('--json')).out.trimEnd().split('\n');
  expect(all.map((line): unknown => JSON.parse(line))).toEqual(
    JSON.parse(JSON.stringify(asked.agent.recent())),
  );
  const some = (await events('--json', '--since', '3', '--type', 'drift', '--type', 'lost')).out;
  expect(some.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(some)).toMatchObject({ type: 'lost', seq: 5 });
});

test('events that are no longer kept are said to be missing', async () => {
  for (let index = 0; index < 1030; index++) asked.agent.make(SAMPLES.overrun);
  const { out } = await events('--since', '2');
  expect(out.split('\n')[0]).toBe('-- 4 events are missing, 3 to 6: the agent no longer keeps them');
  expect(out.trimEnd().split('\n')).toHaveLength(1025);
});

test.each([
  [['--since', '-1'], '--since -1'],
  [['--since', 'x'], '--since x'],
  [['--type', 'drifts'], 'did you mean drift?'],
])('%j is wrong usage, and the message says which word', async (words, message) => {
  const { status, out, err } = await events(...words);
  expect([status, out]).toEqual([64, '']);
  expect(err).toContain(message);
});

test('--follow prints what is to come, over a restart of the agent, until it is interrupted', async () => {
  asked.agent.make(SAMPLES.started);
  const interrupt = new AbortController();
  const lines: string[] = [];
  let next: (() => void) | undefined;
  const more = (): Promise<void> =>
    new Promise((resolve) => {
      next = resolve;
    });
  const outside = {
    interruption: () => interrupt.signal,
    out: (text: string): void => {
      lines.push(text);
      next?.();
    },
  };
  const first = more();
  const following = runWith(outside, 'events', '--follow', '--socket', asked.socket, '--since', '0');
  await first;
  const second = more();
  asked.agent.make(SAMPLES.lost);
  await second;
  await asked.stop();
  const third = more();
  asked.agent.make(SAMPLES.found);
  await asked.serve();
  await third;
  interrupt.abort();
  const { status, out, err } = await following;
  expect([status, out]).toEqual([0, '']);
  expect(lines.map((line) => line.split(' ')[1])).toEqual(['1', '2', '3']);
  // One line for the loss, whatever the number of attempts.
  expect(err.trimEnd().split('\n')).toEqual([expect.stringMatching(/no agent at .*; it is looked for$/)]);
});

test('with --json the lines of a stream are all there is on standard output, errors aside', async () => {
  asked.agent.make(SAMPLES.ready);
  expect(JSON.parse((await events('--json')).out)).toEqual(asked.agent.recent()[0]);
  await asked.stop();
  const { status, out } = await events('--json', '--follow');
  expect(status).toBe(69);
  expect(JSON.parse(out)).toMatchObject({ schema: 'sriov/error/v1' });
});

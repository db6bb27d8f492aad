import { expect, test } from 'vitest';
import { eventText } from '../../../../src/agent/event-text.ts';
import { EVENTS, SAMPLES } from './samples.ts';

test('every event is one line that says something', () => {
  for (const event of EVENTS) expect(eventText(event)).toMatch(/^\S[^\n\r]*\S$/);
  expect(new Set(EVENTS.map(eventText)).size).toBe(EVENTS.length);
});

test('a line names the function, the port, what differs and what is done next', () => {
  expect(eventText(SAMPLES.drift)).toBe(
    '0000:03:00.0/3: not as port p1 wants it (link): vlan {"id":7} instead of {"id":100}',
  );
  expect(eventText({ ...SAMPLES.drift, differences: [], recreated: true })).toBe(
    '0000:03:00.0/3: not as port p1 wants it (link): made anew since',
  );
  expect(eventText(SAMPLES['repair-failed'])).toBe(
    '0000:03:00.0/3: not repaired for port p1: EBUSY: the driver is busy with a reset (attempt 2; again in 2000 ms)',
  );
  expect(eventText(SAMPLES.reconciled)).toBe(
    '0000:03:00.0: 8 ports 1 repaired (link; 1.3 ms, 1 dump, 1 message, 21 ms after the event)',
  );
});

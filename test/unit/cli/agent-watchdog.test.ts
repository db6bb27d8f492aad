/** A beat is an answer, never a timer alone. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startWatchdog } from '../../../src/cli/agent-run/watchdog.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function watched(look: () => Promise<unknown>): {
  beats: () => number;
  silences: string[];
  stop: () => void;
} {
  let beats = 0;
  const silences: string[] = [];
  const { stop } = startWatchdog({
    intervalMs: 1000,
    look,
    beat: () => beats++,
    onSilence: (reason) => silences.push(reason),
  });
  return { beats: () => beats, silences, stop };
}

test('it beats at once and every half interval while the agent answers', async () => {
  const { beats, silences, stop } = watched(async () => {});
  await vi.advanceTimersByTimeAsync(2_000);
  expect(beats()).toBe(5);
  expect(silences).toEqual([]);
  stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(beats()).toBe(5);
});

test('no answer, no beat: it is told once, asked no second time, and goes on with a late answer', async () => {
  let answer = (): void => {};
  let looks = 0;
  const { beats, silences, stop } = watched(() => {
    looks++;
    return looks === 1 ? new Promise<void>((resolve) => (answer = resolve)) : Promise.resolve();
  });
  await vi.advanceTimersByTimeAsync(2_600);
  expect({ beats: beats(), looks }).toEqual({ beats: 0, looks: 1 });
  expect(silences).toHaveLength(1);
  expect(silences[0]).toMatch(/^no answer for 500 ms$/);
  answer();
  await vi.advanceTimersByTimeAsync(0);
  expect(beats()).toBe(1);
  await vi.advanceTimersByTimeAsync(500);
  expect({ beats: beats(), looks }).toEqual({ beats: 2, looks: 2 });
  stop();
});

test('a refusal is no beat either, and is asked again', async () => {
  let stuck = true;
  const { beats, silences, stop } = watched(async () => {
    if (stuck) throw new Error('the store is stuck');
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(beats()).toBe(0);
  expect(silences).toEqual(['the store is stuck']);
  stuck = false;
  await vi.advanceTimersByTimeAsync(500);
  expect(beats()).toBe(1);
  stop();
});

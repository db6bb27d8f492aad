/** Signals: what comes first, what comes again, and what is not lost. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { handleSignals } from '../../../src/cli/agent-run/signals.ts';

class Process extends EventEmitter {
  readonly pid = 4711;
  readonly kills: (readonly [number, string])[] = [];
  kill(pid: number, signal: string): void {
    this.kills.push([pid, signal]);
  }
}

const idle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

test('the first signal stops in order, the second ends the process by itself', () => {
  const source = new Process();
  const stops: string[] = [];
  handleSignals({ reload: async () => {}, stop: (signal) => stops.push(signal) }, source);
  source.emit('SIGTERM');
  expect(stops).toEqual(['SIGTERM']);
  expect(source.kills).toEqual([]);
  source.emit('SIGINT');
  expect(stops).toEqual(['SIGTERM']);
  expect(source.kills).toEqual([[4711, 'SIGINT']]);
  // With a handler left, the signal would not end it.
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
});

test('SIGHUP while a file is read has it read once more, however often it comes', async () => {
  const source = new Process();
  const finish: (() => void)[] = [];
  handleSignals({ reload: () => new Promise((resolve) => finish.push(resolve)), stop: () => {} }, source);
  source.emit('SIGHUP');
  source.emit('SIGHUP');
  source.emit('SIGHUP');
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await idle();
  expect(finish).toHaveLength(2);
  finish[1]?.();
  await idle();
  expect(finish).toHaveLength(2);
  source.emit('SIGHUP');
  expect(finish).toHaveLength(3);
});

test('nothing is read anew once it stops', async () => {
  const source = new Process();
  let reads = 0;
  let finish = (): void => {};
  const reload = (): Promise<void> => {
    reads++;
    return new Promise((resolve) => (finish = resolve));
  };
  handleSignals({ reload, stop: () => {} }, source);
  source.emit('SIGHUP');
  source.emit('SIGHUP');
  source.emit('SIGTERM');
  finish();
  await idle();
  expect(reads).toBe(1);
});

test('handlers are taken away again', () => {
  const source = new Process();
  handleSignals({ reload: async () => {}, stop: () => {} }, source)();
  expect(source.eventNames()).toEqual([]);
});

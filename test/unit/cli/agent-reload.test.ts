/** A reload is all or nothing and always ends; so does the agent, after an error that nobody expected. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { AgentSettings } from '../../../src/agent/settings.ts';
import { Ends } from '../../../src/cli/agent-run/ends.ts';
import { endOnFatalErrors } from '../../../src/cli/agent-run/fatal.ts';
import { reloader } from '../../../src/cli/agent-run/reload.ts';

const settings = (name: string): AgentSettings => ({ host: name, log: name }) as unknown as AgentSettings;

async function reload(faults: { read?: Error; services?: Error; agent?: Error }): Promise<string[]> {
  const did: string[] = [];
  const or = (fault: Error | undefined, text: string): void => {
    if (fault !== undefined) throw fault;
    did.push(text);
  };
  await reloader({
    agent: {
      settings: settings('old'),
      reload: async ({ host }) => or(faults.agent, `agent ${host}`),
    },
    services: {
      update: async (next) => or(faults.services, `services ${(next as AgentSettings).host}`),
    },
    log: {
      write: (level, { event }, message) => did.push(`${level} ${String(event)}: ${message}`),
      configure: (next) => did.push(`log ${String(next)}`),
    },
    notifier: { reloading: () => did.push('RELOADING'), ready: () => did.push('READY') },
    read: async () => {
      if (faults.read !== undefined) throw faults.read;
      return settings('new');
    },
  })();
  return did;
}

const FAILED = 'error reload-failed: goes on with the former configuration: no';

test('servers, agent and log go over to the new settings, between RELOADING and READY', async () => {
  expect(await reload({})).toEqual(['RELOADING', 'services new', 'agent new', 'log new', 'READY']);
});

test('a file that cannot be used changes nothing, is an error in the log, and READY comes all the same', async () => {
  expect(await reload({ read: new Error('no') })).toEqual(['RELOADING', FAILED, 'READY']);
  expect(await reload({ services: new Error('no') })).toEqual(['RELOADING', FAILED, 'READY']);
});

test('servers go back when the agent refuses', async () => {
  const did = await reload({ agent: new Error('no') });
  expect(did).toEqual(['RELOADING', 'services new', 'services old', FAILED, 'READY']);
});

test('the end undoes the last first, each once, whatever fails', async () => {
  const ends = new Ends();
  const did: string[] = [];
  ends.add(() => void did.push('first'));
  ends.add(async () => {
    throw new Error('second');
  });
  ends.add(async () => void did.push('third'));
  expect(await ends.all()).toEqual([new Error('second')]);
  expect(did).toEqual(['third', 'first']);
  expect(await ends.all()).toEqual([]);
});

test.each([
  ['uncaughtException', 'uncaught-exception'],
  ['unhandledRejection', 'unhandled-rejection'],
])('%s is told with its stack and ends the agent with 70', (event, name) => {
  const source = new EventEmitter();
  const did: unknown[] = [];
  const dispose = endOnFatalErrors(
    { write: (level, { event: said, stack }, message) => did.push([level, said, stack, message]) },
    source,
    (code) => did.push(code),
  );
  const error = new Error('who would have thought');
  source.emit(event, error);
  const text = 'unexpected error, the agent ends: who would have thought';
  expect(did).toEqual([['error', name, error.stack, text], 70]);
  dispose();
  expect(source.eventNames()).toEqual([]);
});

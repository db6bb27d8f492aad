/** `sriov agent`: what is checked before anything is started. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import { run } from './io.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sriov-agent-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function config(text: string): string {
  const file = join(directory, 'agent.yaml');
  writeFileSync(file, `store: ${join(directory, 'store')}\n${text}`);
  return file;
}

test('--check prints every setting in effect: flags over the file, the file over defaults', async () => {
  const file = config('reconcile: { poll_s: 60, concurrency: 2 }\n');
  const { status, out } = await run('agent', '--config', file, '--check', '--set', 'reconcile.poll_s=7');
  expect(status).toBe(0);
  const settings = parse(out) as { reconcile: Record<string, unknown>; on_stop: string };
  expect(settings.reconcile).toMatchObject({ poll_s: 7, concurrency: 2, debounce_ms: 5 });
  expect(settings.on_stop).toBe('keep');
  // The text is a configuration again, with the same meaning.
  writeFileSync(file, out);
  expect((await run('agent', '--config', file, '--check')).out).toBe(out);
});

test('--check with --json is the same as data', async () => {
  const { out } = await run('agent', '--config', config(''), '--check', '--json', '--host', 'compute-7');
  const { schema, data } = JSON.parse(out) as { schema: string; data: Record<string, unknown> };
  expect(schema).toBe('sriov/agent/v1');
  expect(data).toMatchObject({ settings: { host: 'compute-7', on_stop: 'keep' }, failures: [] });
});

test('--check makes no store, and says that there is none', async () => {
  const { status, err } = await run('agent', '--config', config(''), '--check');
  expect(status).toBe(0);
  expect(err).toContain(`store ${join(directory, 'store')} is not there yet; the agent makes it`);
  expect(existsSync(join(directory, 'store'))).toBe(false);
});

test('a store that is there is read and left as it was', async () => {
  const file = config('');
  const store = await openLmdbStore(join(directory, 'store'));
  await store.commit({ changes: [{ key: 'k', value: 1 }] });
  await store.close();
  const before = readdirSync(join(directory, 'store'));
  const { status, err } = await run('agent', '--config', file, '--check');
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(readdirSync(join(directory, 'store'))).toEqual(before);
});

test('a store that is none ends with 64', async () => {
  writeFileSync(join(directory, 'store'), '');
  const { status, err } = await run('agent', '--config', config(''), '--check');
  expect(status).toBe(64);
  expect(err).toContain('is no directory');
});

test('a name that this host does not know ends with 64 and a suggestion', async () => {
  const { status, err } = await run(
    'agent',
    '--config',
    config('api: { write: { users: [roott] } }\n'),
    '--check',
  );
  expect(status).toBe(64);
  expect(err).toContain('did you mean root?');
});

test('a mapped PF that is not there is a warning: it may come later', async () => {
  const file = config('policy: { physical_device_mappings: ["physnet1:no-such-pf"] }\n');
  const { status, err } = await run('agent', '--config', file, '--check');
  expect(status).toBe(0);
  expect(err).toMatch(/no-such-pf, mapped to physnet1, is no PF of this host now|could not be seen/);
});

test.each([
  ['an unknown key', 'recncile: {}\n', 'did you mean reconcile?'],
  ['a value out of range', 'reconcile: { poll_s: -1 }\n', 'poll_s'],
  ['what is no YAML', 'reconcile: [\n', 'agent.yaml'],
])('%s ends with 64 and its place, with --check and without', async (_what, text, words) => {
  const file = config(text);
  for (const check of [['--check'], []]) {
    const { status, out, err } = await run('agent', '--config', file, ...check);
    expect({ status, out }).toEqual({ status: 64, out: '' });
    expect(err).toContain(words);
    expect(err).toContain(`${file}:`);
  }
});

test('a file that is not there ends with 64', async () => {
  const { status, err } = await run('agent', '--config', join(directory, 'none.yaml'), '--check');
  expect(status).toBe(64);
  expect(err).toContain('ENOENT');
});

test('--json without --check is refused: the log has a form of its own', async () => {
  const { status, err } = await run('agent', '--config', config(''), '--json');
  expect(status).toBe(64);
  expect(err).toContain('log.format');
});

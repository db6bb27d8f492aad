import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSettings } from '../../../src/agent/config/read.ts';
import { run } from './io.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'neutron-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, 'sriov_agent.ini');
  writeFileSync(path, text);
  return path;
}

test('standard output is a configuration, standard error says what became of each option', async () => {
  const path = file('[DEFAULT]\nhost = cn1\n[agent]\npolling_interval = 2\n');
  const { status, out, err } = await run('neutron-config', path);
  expect(status).toBe(0);
  expect(readSettings({ file: { path: 'out', text: out } }).host).toBe('cn1');
  expect(err.split('\n')).toEqual([
    `${path}:2: [DEFAULT] host: kept as host`,
    expect.stringContaining(`${path}:4: [agent] polling_interval: not needed: `),
    '',
  ]);
});

test('with --json both are data', async () => {
  const { status, out } = await run('neutron-config', file('[DEFAULT]\nhost = cn1\n'), '--json');
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    schema: 'sriov/neutron-config/v1',
    data: { yaml: expect.stringContaining('host: cn1'), notes: [{ option: 'host', kind: 'kept' }] },
  });
});

test('a malformed file, one that is not there, and none at all exit with 64 and print no configuration', async () => {
  const path = file('[DEFAULT\n');
  expect(await run('neutron-config', path)).toMatchObject({
    status: 64,
    out: '',
    err: expect.stringContaining(`${path}:1: `),
  });
  expect(await run('neutron-config', `${path}x`)).toMatchObject({ status: 64, out: '' });
  expect(await run('neutron-config')).toMatchObject({ status: 64, out: '' });
});

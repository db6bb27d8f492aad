import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import { type TestDirectory, testDirectory } from '../store/directory.ts';
import { run, runWithInput } from './io.ts';

let directory: TestDirectory;
let path: string;
beforeEach(async () => {
  directory = testDirectory();
  path = join(directory.path, 'store');
});
afterEach(() => directory.remove());

async function fill(): Promise<void> {
  const store = await openLmdbStore(path);
  await store.commit({ changes: [{ key: 'port/p1', value: { port: { id: 'p1' }, bindings: [] } }] });
  await store.close();
}

test('an export is written to a new file of its owner alone and can be imported again', async () => {
  await fill();
  const file = join(directory.path, 'backup.json');
  expect(await run('store', 'export', file, '--store', path)).toMatchObject({ status: 0, err: '' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await run('store', 'export', file, '--store', path)).toMatchObject({ status: 64 });
  const other = join(directory.path, 'other');
  const dry = await run('store', 'import', file, '--store', other, '--dry-run', '--json');
  expect(JSON.parse(dry.out)).toMatchObject({
    schema: 'sriov/store-import/v1',
    data: { dryRun: true, written: 1 },
  });
  expect(existsSync(other)).toBe(false);
  expect((await run('store', 'import', file, '--store', other)).out).toBe('1 entries written, 0 deleted\n');
  expect((await run('store', 'export', '--store', other)).out).toBe(readFileSync(file, 'utf8'));
});

test('an import into a store that is not empty exits with 75, with --replace it is done', async () => {
  await fill();
  const { out } = await run('store', 'export', '--store', path);
  const refused = await runWithInput(out, 'store', 'import', '-', '--store', path);
  expect(refused).toMatchObject({ status: 75, err: expect.stringContaining('--replace') });
  const done = await runWithInput(out, 'store', 'import', '-', '--store', path, '--replace');
  expect(done).toMatchObject({ status: 0, out: '1 entries written, 0 deleted\n' });
});

test.each([['{'], ['[]'], ['{"schema":"sriov/store/v2"}']])(
  'the wrong file %s exits with 64 and makes no store',
  async (text) => {
    const file = join(directory.path, 'wrong.json');
    writeFileSync(file, text);
    expect(await run('store', 'import', file, '--store', path)).toMatchObject({ status: 64, out: '' });
    expect(existsSync(path)).toBe(false);
  },
);

test('check exits with 0 when records agree, and with 1 and a line for each finding when they do not', async () => {
  await fill();
  expect(await run('store', 'check', '--store', path)).toEqual({ status: 0, out: 'no findings\n', err: '' });
  const store = await openLmdbStore(path);
  await store.commit({ changes: [{ key: 'x', value: 1 }] });
  await store.close();
  const found = await run('store', 'check', '--store', path);
  expect(found).toMatchObject({ status: 1, err: expect.stringContaining('UNKNOWN_KEY: x: ') });
  const json = await run('store', 'check', '--store', path, '--json');
  expect(JSON.parse(json.out).data.findings).toMatchObject([{ code: 'UNKNOWN_KEY', key: 'x' }]);
});

test('export and check of a store that is not there say so and make none', async () => {
  for (const command of ['export', 'check']) {
    const { status, err } = await run('store', command, '--store', path);
    expect(status).toBe(1);
    expect(err).toContain('ENOENT');
  }
  expect(existsSync(path)).toBe(false);
});

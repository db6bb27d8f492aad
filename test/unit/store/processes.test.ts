/** Several processes on one store. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLmdbStore } from '../../../src/store/lmdb-store.ts';
import { type CompiledSources, compileSources } from '../../faults/compiled.ts';
import { type TestDirectory, testDirectory } from './directory.ts';
import { take } from './model.ts';

const SCRIPT = fileURLToPath(new URL('counter.mjs', import.meta.url));
const COUNT = 300;
const MINUTES = 3 * 60_000;

let sources: CompiledSources;
let directory: TestDirectory;
beforeAll(() => {
  sources = compileSources();
  directory = testDirectory();
}, MINUTES);
afterAll(() => {
  sources.remove();
  directory.remove();
});

function counter(): Promise<{ readonly conflicts: number; readonly loadedEarly: boolean }> {
  const child = spawn(process.execPath, [SCRIPT, sources.directory, directory.path, `${COUNT}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (status) => {
      if (status === 0) resolve(JSON.parse(text) as Awaited<ReturnType<typeof counter>>);
      else reject(new Error(`the counter ended with ${status}`));
    });
  });
}

test(
  'two processes count by compare-and-swap without a lost update, a watch sees every step once and in order',
  async () => {
    const store = await openLmdbStore(directory.path);
    const seen = take(store.watch('n'), 2 * COUNT);
    const ran = await Promise.all([counter(), counter()]);
    expect((await store.get('n'))?.value).toBe(2 * COUNT);
    expect((await seen).map(({ value }) => value)).toEqual(
      Array.from({ length: 2 * COUNT }, (_, n) => n + 1),
    );
    // The library is loaded by opening, not by importing.
    expect(ran.map(({ loadedEarly }) => loadedEarly)).toEqual([false, false]);
    await store.close();
  },
  MINUTES,
);

test('opening, watching and closing again and again leaves no descriptors behind', async () => {
  const descriptors = (): number => readdirSync('/proc/self/fd').length;
  const once = async (): Promise<void> => {
    const store = await openLmdbStore(directory.path);
    const waiting = store.watch('never/')[Symbol.asyncIterator]().next();
    await store.close();
    expect((await waiting).done).toBe(true);
  };
  for (let n = 0; n < 5; n++) await once();
  const before = descriptors();
  for (let n = 0; n < 30; n++) await once();
  expect(descriptors() - before).toBeLessThan(10);
});

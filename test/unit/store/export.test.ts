import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidConfigError, RefusedError } from '../../../src/errors.ts';
import { checkStore } from '../../../src/store/check.ts';
import { exportStore, importStore } from '../../../src/store/export.ts';
import type { Change, Store } from '../../../src/store/store.ts';
import { bindingOn, claimChange, portChange } from './claims.ts';
import { makeLmdbStore } from './directory.ts';
import type { MadeStore } from './model.ts';

let made: MadeStore;
let store: Store;
beforeEach(async () => {
  made = await makeLmdbStore();
  store = made.store;
});
afterEach(async () => {
  await store.close();
  await made.remove();
});

const good: readonly Change[] = [portChange('p1', [bindingOn('h1')]), claimChange('p1')];

test('an export imported into an empty store gives the same keys and values', async () => {
  await store.commit({ changes: good });
  const document = JSON.parse(JSON.stringify(await exportStore(store))) as unknown;
  const other = await makeLmdbStore();
  expect(await importStore(other.store, document)).toEqual({ written: 2, deleted: 0, revision: 1 });
  expect((await exportStore(other.store)).entries).toEqual((await exportStore(store)).entries);
  await other.store.close();
  await other.remove();
});

test('an import into a store that is not empty is refused without replace, and else replaces all', async () => {
  await store.commit({ changes: [{ key: 'old', value: 1 }] });
  const document = {
    schema: 'sriov/store/v1',
    revision: 9,
    entries: [{ key: 'new', value: 2, revision: 9 }],
  };
  await expect(importStore(store, document)).rejects.toBeInstanceOf(RefusedError);
  expect(await importStore(store, document, { replace: true, dryRun: true })).toMatchObject({ deleted: 1 });
  expect((await store.range('')).revision).toBe(1);
  await importStore(store, document, { replace: true });
  expect((await store.range('')).entries).toEqual([{ key: 'new', value: 2, revision: 2 }]);
});

const entry = { key: 'a', value: 1, revision: 1 };
const document = (entries: unknown, rest: object = {}): object => ({
  schema: 'sriov/store/v1',
  revision: 1,
  entries,
  ...rest,
});

test.each([
  ['no object', 1],
  ['another schema', document([], { schema: 'sriov/store/v2' })],
  ['no list', document({})],
  ['no revision', document([], { revision: -1 })],
  ['an entry that is none', document([null])],
  ['a key that is no text', document([{ ...entry, key: 1 }])],
  ['an empty key', document([{ ...entry, key: '' }])],
  ['a key twice', document([entry, entry])],
  ['no value', document([{ key: 'a', revision: 1 }])],
  ['revision 0', document([{ ...entry, revision: 0 }])],
])('a document with %s is refused and nothing is written', async (_what, wrong) => {
  await expect(importStore(store, wrong)).rejects.toBeInstanceOf(InvalidConfigError);
  expect((await store.range('')).revision).toBe(0);
});

test('records that agree have no findings', async () => {
  const journal = { key: 'journal/h1/1', value: { state: 'finished' } };
  await store.commit({ changes: [...good, journal, { key: 'vacated/h1/0000:03:00.0', value: 1 }] });
  expect(await checkStore(store)).toEqual([]);
});

test.each([
  ['UNKNOWN_KEY', 'else/1', [{ key: 'else/1', value: 1 }]],
  ['MALFORMED', 'port/p1', [{ key: 'port/p1', value: { bindings: [] } }]],
  ['MALFORMED', 'claim/h1/x', [{ key: 'claim/h1/x', value: 'p1' }]],
  ['MALFORMED', 'journal/h1/1', [{ key: 'journal/h1/1', value: {} }]],
  ['CLAIM_WITHOUT_PORT', 'claim/h1/0000:03:00.0/3', [claimChange('gone')]],
  ['CLAIM_WITHOUT_PORT', 'claim/h1/0000:03:00.0/3', [portChange('p1', []), claimChange('p1')]],
  ['PORT_WITHOUT_CLAIM', 'port/p1', [portChange('p1', [bindingOn('h1')])]],
  ['CLAIM_OF_ANOTHER', 'port/p1', [...good, portChange('p2', [bindingOn('h1')]), claimChange('p2')]],
  [
    'SEVERAL_ACTIVE',
    'port/p1',
    [portChange('p1', [bindingOn('h1'), bindingOn('h2')]), claimChange('p1'), claimChange('p1', 'h2')],
  ],
  [
    'OPEN_JOURNAL',
    'journal/h1/1',
    [{ key: 'journal/h1/1', value: { state: 'open', kind: 'bind', at: 'now' } }],
  ],
])('%s is found at %s', async (code, key, changes) => {
  await store.commit({ changes });
  expect(await checkStore(store)).toEqual([{ code, key, message: expect.stringMatching(/./) }]);
});

test('a place that a port holds while work is under way is no finding of its own', async () => {
  await store.commit({ changes: [portChange('p1', []), claimChange('p1', 'h1', 'applying')] });
  expect(await checkStore(store)).toEqual([]);
});

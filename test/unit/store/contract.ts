/**
 * What every store must do, whatever it is made of: run `storeContract` with a way to make an empty one.
 *
 * Owns the rules of src/store/store.ts as tests. Nothing here may know how a store keeps its data.
 */
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidConfigError } from '../../../src/errors.ts';
import { StoreConflictError } from '../../../src/store/errors.ts';
import type { Json, Store } from '../../../src/store/store.ts';
import { agreesWithModel, type MadeStore, take } from './model.ts';

export function storeContract(name: string, make: () => Promise<MadeStore>): void {
  describe(`${name} keeps the contract of a store:`, () => {
    let made: MadeStore;
    let store: Store;
    beforeEach(async () => {
      made = await make();
      store = made.store;
    });
    afterEach(async () => {
      await store.close();
      await made.remove();
    });
    const put = (key: string, value: Json): Promise<number> => store.commit({ changes: [{ key, value }] });

    test('an empty store has no entries and revision 0', async () => {
      expect(await store.get('port/a')).toBeUndefined();
      expect(await store.range('')).toEqual({ entries: [], revision: 0 });
    });

    test('every commit has the next revision, and an entry keeps that of its last write', async () => {
      expect(await put('a', 1)).toBe(1);
      expect(await put('b', 2)).toBe(2);
      expect(await put('a', 3)).toBe(3);
      expect(await store.get('a')).toEqual({ key: 'a', value: 3, revision: 3 });
      expect(await store.get('b')).toEqual({ key: 'b', value: 2, revision: 2 });
    });

    test('a commit that changes nothing keeps the revision', async () => {
      await put('a', 1);
      expect(await store.commit({ changes: [] })).toBe(1);
      expect(await store.commit({ changes: [{ key: 'gone', value: undefined }] })).toBe(1);
    });

    test('of several changes of one key in a commit the last counts, and a watch sees it once', async () => {
      const seen = take(store.watch('a'), 1);
      await store.commit({
        changes: [
          { key: 'a', value: 1 },
          { key: 'a', value: 2 },
        ],
      });
      expect(await seen).toEqual([{ key: 'a', value: 2, revision: 1 }]);
      expect((await store.get('a'))?.value).toBe(2);
    });

    test('a range has the keys of its prefix in order of their UTF-8 bytes', async () => {
      // A surrogate pair sorts before U+FFFF in UTF-16 and behind it in UTF-8.
      const keys = ['p/', 'p/1', 'p/10', 'p/2', 'p/é', 'p/\uffff', 'p/😀'];
      await store.commit({ changes: [...keys, 'o', 'p', 'p0', 'q'].map((key) => ({ key, value: key })) });
      const { entries, revision } = await store.range('p/');
      expect(entries.map(({ key }) => key)).toEqual(keys);
      expect(revision).toBe(1);
    });

    test('pages of a range, each after the last key, make the whole', async () => {
      const keys = Array.from({ length: 25 }, (_, index) => `k/${String(index).padStart(2, '0')}`);
      await store.commit({ changes: keys.map((key) => ({ key, value: null })) });
      const paged: string[] = [];
      for (;;) {
        const after = paged.at(-1);
        const { entries } = await store.range('k/', { limit: 7, ...(after === undefined ? {} : { after }) });
        if (entries.length === 0) break;
        expect(entries.length).toBeLessThanOrEqual(7);
        paged.push(...entries.map(({ key }) => key));
      }
      expect(paged).toEqual(keys);
      expect((await store.range('k/', { after: 'z' })).entries).toEqual([]);
      expect((await store.range('k/', { after: 'a' })).entries).toHaveLength(25);
      expect((await store.range('k/', { limit: 0 })).entries).toEqual([]);
    });

    test('a guard that does not hold changes nothing and names the key and its revision', async () => {
      await put('a', 1);
      await put('b', 1);
      const failed = store.commit({
        guards: [
          { key: 'a', revision: 1 },
          { key: 'b', revision: 1 },
        ],
        changes: [{ key: 'a', value: 'lost' }],
      });
      await expect(failed).rejects.toBeInstanceOf(StoreConflictError);
      await expect(failed).rejects.toMatchObject({ code: 'SRIOV_CONFLICT', key: 'b', revision: 2 });
      const fresh = store.commit({
        guards: [{ key: 'a', revision: 0 }],
        changes: [{ key: 'c', value: 1 }],
      });
      await expect(fresh).rejects.toMatchObject({ key: 'a', revision: 1 });
      expect(await store.range('')).toEqual({
        entries: [
          { key: 'a', value: 1, revision: 1 },
          { key: 'b', value: 1, revision: 2 },
        ],
        revision: 2,
      });
    });

    test('a key that was deleted has revision 0 again, and is written anew under it', async () => {
      await put('a', 1);
      expect(await store.commit({ changes: [{ key: 'a', value: undefined }] })).toBe(2);
      expect(await store.get('a')).toBeUndefined();
      const guards = [{ key: 'a', revision: 0 }];
      expect(await store.commit({ guards, changes: [{ key: 'a', value: 2 }] })).toBe(3);
    });

    test('values come back as they were: any JSON, any text, larger than a page', async () => {
      const large = 'ä😀\u0000'.repeat(100_000);
      const value: Json = [
        null,
        true,
        -0.5,
        1e300,
        '',
        '\u0000\ud800 "\\',
        large,
        { __proto__x: { '': [] } },
      ];
      await put('v', value);
      expect((await store.get('v'))?.value).toEqual(value);
      expect((await store.range('v')).entries[0]?.value).toEqual(value);
      await fc.assert(
        fc.asyncProperty(fc.jsonValue({ maxDepth: 4 }), async (any) => {
          await put('v', any as Json);
          // What JSON itself makes of it: -0 is 0.
          expect((await store.get('v'))?.value).toEqual(JSON.parse(JSON.stringify(any)));
        }),
        { numRuns: 30 },
      );
    });

    test('a value that JSON would change in silence is refused, and nothing of its commit is done', async () => {
      for (const value of [Number.NaN, 1n, new Date(0), { a: [undefined] }, { f: () => 1 }, new Map()]) {
        const changes = [
          { key: 'a', value: 1 },
          { key: 'b', value: value as unknown as Json },
        ];
        await expect(store.commit({ changes })).rejects.toBeInstanceOf(InvalidConfigError);
      }
      expect((await store.range('')).entries).toEqual([]);
    });

    test('keys have 1 to 512 bytes of UTF-8; all else is refused', async () => {
      const longest = 'é'.repeat(256);
      await put(longest, 1);
      expect((await store.range('é')).entries[0]?.key).toBe(longest);
      for (const key of ['', `${longest}x`, 'x'.repeat(513), '\ud800']) {
        await expect(put(key, 1)).rejects.toBeInstanceOf(InvalidConfigError);
      }
    });

    test('two openings are one store', async () => {
      const other = await made.reopen();
      await other.commit({ changes: [{ key: 'a', value: 'other' }] });
      expect(await store.get('a')).toEqual({ key: 'a', value: 'other', revision: 1 });
      await put('a', 'first');
      expect((await other.get('a'))?.revision).toBe(2);
      await other.close();
      expect((await store.get('a'))?.revision).toBe(2);
    });

    test('a watch sees the changes of its prefix from its call on, each once and in order', async () => {
      await put('w/before', 0);
      const watched = store.watch('w/');
      await put('w/1', 1);
      await put('x/1', 1);
      const other = await made.reopen();
      await other.commit({
        changes: [
          { key: 'w/1', value: undefined },
          { key: 'w/2', value: 2 },
        ],
      });
      const seen = take(watched, 4);
      await put('w/3', 3);
      expect(await seen).toEqual([
        { key: 'w/1', value: 1, revision: 2 },
        { key: 'w/1', value: undefined, revision: 4 },
        { key: 'w/2', value: 2, revision: 4 },
        { key: 'w/3', value: 3, revision: 5 },
      ]);
      await other.close();
    });

    test('a watch from a revision sees history, and can wait for a revision to come', async () => {
      for (const value of [1, 2, 3]) await put('h', value);
      expect((await take(store.watch('', { from: 2 }), 2)).map(({ value }) => value)).toEqual([2, 3]);
      const later = take(store.watch('', { from: 5 }), 1);
      await put('h', 4);
      await put('h', 5);
      expect((await later)[0]).toEqual({ key: 'h', value: 5, revision: 5 });
    });

    test('a watch ends without an error by its signal, by return, and when the store is closed', async () => {
      const end = new AbortController();
      const bySignal = store.watch('', { signal: end.signal })[Symbol.asyncIterator]();
      const byReturn = store.watch('')[Symbol.asyncIterator]();
      const byClose = store.watch('')[Symbol.asyncIterator]();
      const waiting = [bySignal, byReturn, byClose].map((iterator) => iterator.next());
      end.abort();
      expect(await waiting[0]).toEqual({ done: true, value: undefined });
      await byReturn.return?.();
      expect(await waiting[1]).toEqual({ done: true, value: undefined });
      await store.close();
      expect(await waiting[2]).toEqual({ done: true, value: undefined });
      expect(await byClose.next()).toEqual({ done: true, value: undefined });
      const aborted = AbortSignal.abort();
      const again = await made.reopen();
      expect(await take(again.watch('', { from: 1, signal: aborted }), 1)).toEqual([]);
      await again.close();
    });

    test('a closed store says so', async () => {
      await store.close();
      await store.close();
      await expect(store.get('a')).rejects.toMatchObject({ code: 'SRIOV_STORE' });
      await expect(put('a', 1)).rejects.toMatchObject({ code: 'SRIOV_STORE' });
    });

    test('of concurrent compare-and-swaps on one revision exactly one is done', async () => {
      const other = await made.reopen();
      const tries = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).commit({
          guards: [{ key: 'a', revision: 0 }],
          changes: [{ key: 'a', value: index }],
        }),
      );
      const settled = await Promise.allSettled(tries);
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await other.close();
    });

    test('any sequence of commits, reads and watches agrees with a simple map', async () => {
      const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/x', 'é', '😀');
      const change = fc.record({ key, value: fc.option(fc.integer(), { nil: undefined }) });
      const guard = fc.record({ key, offset: fc.constantFrom(0, 0, 0, 1) });
      const step = fc.record({
        changes: fc.array(change, { maxLength: 4 }),
        guards: fc.array(guard, { maxLength: 2 }),
      });
      const agrees = fc.asyncProperty(fc.array(step, { maxLength: 12 }), key, (steps, prefix) =>
        agreesWithModel(make, steps, prefix),
      );
      expect(fc.defaultReportMessage(await fc.check(agrees, { numRuns: 40 }))).toBeUndefined();
    }, 60_000);
  });
}

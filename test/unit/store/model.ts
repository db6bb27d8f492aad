/** A store as a map with a counter, and the check that a real one does the same. Owns the model only. */
import { expect } from 'vitest';
import type { Change, Guard, Json, Store, StoreEvent } from '../../../src/store/store.ts';

/** An empty store, and a second opening of the same one. */
export interface MadeStore {
  readonly store: Store;
  readonly reopen: () => Promise<Store>;
  readonly remove: () => Promise<void>;
}

export async function take(events: AsyncIterable<StoreEvent>, count: number): Promise<StoreEvent[]> {
  const taken: StoreEvent[] = [];
  if (count === 0) return taken;
  for await (const event of events) {
    taken.push(event);
    if (taken.length === count) break;
  }
  return taken;
}

interface ModelStep {
  readonly changes: readonly Change[];
  readonly guards: readonly { readonly key: string; readonly offset: number }[];
}

export async function agreesWithModel(
  make: () => Promise<MadeStore>,
  steps: readonly ModelStep[],
  prefix: string,
): Promise<void> {
  const { store, remove } = await make();
  const model = new Map<string, { value: Json; revision: number }>();
  const events: StoreEvent[] = [];
  /** What was, and what should have been. */
  const outcomes: [unknown, unknown][] = [];
  let revision = 0;
  for (const step of steps) {
    const guards: Guard[] = step.guards.map(({ key, offset }) => ({
      key,
      revision: (model.get(key)?.revision ?? 0) + offset,
    }));
    const broken = step.guards.find(({ offset }) => offset > 0);
    const [outcome] = await Promise.allSettled([store.commit({ guards, changes: step.changes })]);
    if (broken !== undefined) {
      outcomes.push([outcome.status === 'rejected' ? outcome.reason.key : outcome.value, broken.key]);
      continue;
    }
    const last = new Map(step.changes.map(({ key, value }) => [key, value]));
    const effective = [...last].filter(([key, value]) => value !== undefined || model.has(key));
    if (effective.length > 0) revision++;
    for (const [key, value] of effective) {
      if (value === undefined) model.delete(key);
      else model.set(key, { value, revision });
      events.push({ key, value, revision });
    }
    outcomes.push([outcome.status === 'fulfilled' ? outcome.value : outcome.reason, revision]);
    for (const [key] of last) outcomes.push([await store.get(key), asEntry(key, model.get(key))]);
  }
  for (const [was, should] of outcomes) expect(was).toEqual(should);
  const expected = [...model].filter(([key]) => key.startsWith(prefix));
  expected.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(await store.range(prefix)).toEqual({
    entries: expected.map(([key, held]) => asEntry(key, held)),
    revision,
  });
  const below = events.filter(({ key }) => key.startsWith(prefix));
  expect(await take(store.watch(prefix, { from: 1 }), below.length)).toEqual(below);
  await store.close();
  await remove();
}

function asEntry(key: string, held: { value: Json; revision: number } | undefined): object | undefined {
  return held && { key, ...held };
}

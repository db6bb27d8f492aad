/**
 * Many ports: the work for one does not grow with the number of VFs. Counted, not timed.
 */
import { describe, expect, it } from 'vitest';
import { createBinder } from '../../../../src/binding/bind.ts';
import type { InventoryVf } from '../../../../src/binding/inventory.ts';
import { makeHost, makePf, makeRequest, makeVf } from './host.ts';
import { codesOf, placeOf } from './outcome.ts';

const PFS = 8;

/** Ports bound to 8 PFs of `vfs` VFs each, the last one refused; and how often a VF was looked at meanwhile. */
function bindFull(
  vfs: number,
  choose: 'spread' | 'pack',
): { readonly looks: number; readonly places: Set<string> } {
  let looks = 0;
  const watched = (vf: InventoryVf): InventoryVf =>
    Object.defineProperty({ ...vf }, 'inUse', {
      get: () => {
        looks++;
        return null;
      },
    });
  const pfs = Array.from({ length: PFS }, (_, index) => {
    const bus = 2 + index * 2;
    return makePf(
      bus,
      Array.from({ length: vfs }, (_vf, number) => watched(makeVf(bus, number))),
    );
  });
  const binder = createBinder(makeHost(...pfs), { choose }, new Map());
  const ask = (id: number) => binder.bind(makeRequest({ port: { id: `port-${id}` } }));
  const places = new Set<string>();
  looks = 0;
  for (let port = 0; port < PFS * vfs; port++) places.add(placeOf(ask(port)));
  const bound = looks;
  expect(codesOf(ask(-1)).every(([, code]) => code === 'TAKEN')).toBe(true);
  return { looks: bound, places };
}

describe('ports on 8 PFs', () => {
  it.each(['spread', 'pack'] as const)(
    '%s: 1,024 on 128 VFs each, none twice, a few looks at VFs for each',
    (choose) => {
      const few = bindFull(16, choose);
      const many = bindFull(128, choose);
      expect(few.places.size).toBe(PFS * 16);
      expect(many.places.size).toBe(PFS * 128);
      // No more for each port when each PF has eight times as many VFs.
      expect(many.looks / many.places.size).toBeLessThan((few.looks / few.places.size) * 1.5);
      expect(many.looks / many.places.size).toBeLessThan(3 * PFS);
    },
  );
});

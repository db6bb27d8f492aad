/**
 * Which function a port gets: policy, nearness, and what it names itself.
 */
import { describe, expect, it } from 'vitest';
import { bind, createBinder } from '../../../../src/binding/bind.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import type { Inventory } from '../../../../src/binding/inventory.ts';
import type { BindPolicy } from '../../../../src/binding/policy.ts';
import { makeHost, makePf, makeRequest, makeVf, type RequestChanges, vfAddress } from './host.ts';
import { codesOf, placeOf } from './outcome.ts';

const A = '0000:02:00.0';
const B = '0000:04:00.0';

/** Places of `count` ports, one after the other. */
function places(count: number, host: Inventory, policy: BindPolicy, changes: RequestChanges = {}): string[] {
  const binder = createBinder(host, policy, new Map());
  return Array.from({ length: count }, (_, n) =>
    placeOf(binder.bind(makeRequest({ ...changes, port: { ...changes.port, id: `port-${n}` } }))),
  );
}

describe('choosing among VFs', () => {
  it('spread takes the PF with the most free VFs, then the first by name', () => {
    expect(places(5, makeHost(makePf(2, 2), makePf(4, 3)), {})).toEqual([
      `${B}/0`,
      `${A}/0`,
      `${B}/1`,
      `${A}/1`,
      `${B}/2`,
    ]);
  });

  it('pack fills the PF with the fewest free VFs first', () => {
    expect(places(4, makeHost(makePf(2, 3), makePf(4, 2)), { choose: 'pack' })).toEqual([
      `${B}/0`,
      `${B}/1`,
      `${A}/0`,
      `${A}/1`,
    ]);
  });

  it('counts only VFs that could be given away', () => {
    const used = makePf(2, [makeVf(2, 0, { inUse: 'qemu' }), makeVf(2, 1, { inUse: 'qemu' }), makeVf(2, 2)]);
    expect(places(1, makeHost(used, makePf(4, 2)), {})).toEqual([`${B}/0`]);
    const exclude = new Map([['pf2', [0, 1].map((vf) => vfAddress(2, vf))]]);
    expect(places(1, makeHost(makePf(2, 3), makePf(4, 2)), { exclude })).toEqual([`${B}/0`]);
  });

  it('the preferred NUMA node comes first, unknown next, others last', () => {
    const host = makeHost(
      makePf(2, 9, { numaNode: 1 }),
      makePf(4, 1, { numaNode: null }),
      makePf(6, 1, { numaNode: 0 }),
    );
    expect(places(3, host, { numaNode: 0 })).toEqual(['0000:06:00.0/0', `${B}/0`, `${A}/0`]);
  });

  it('skips a PF whose free VFs do not suit', () => {
    const bare = makePf(
      2,
      [0, 1, 2].map((vf) => makeVf(2, vf, { netDevices: [] })),
    );
    expect(places(1, makeHost(bare, makePf(4, 1)), {}, { vnic_type: 'macvtap' })).toEqual([`${B}/0`]);
  });

  it('takes the lowest VF that suits, whichever device spec it falls under', () => {
    const deviceSpecs = parseDeviceSpecs([
      { address: vfAddress(2, 1), physical_network: 'physnet1', trusted: 'true' },
      { address: A, physical_network: 'physnet1' },
    ]);
    expect(places(3, makeHost(makePf(2, 3)), { deviceSpecs })).toEqual([`${A}/0`, `${A}/1`, `${A}/2`]);
    const trusted = { profile: { trusted: true } };
    expect(places(1, makeHost(makePf(2, 3)), { deviceSpecs }, trusted)).toEqual([`${A}/1`]);
  });

  it('netdevsim2 comes before netdevsim10', () => {
    const sim = (n: number) =>
      makePf(2, [makeVf(2, 0, { pciAddress: null })], { device: `netdevsim${n}`, pciAddress: null });
    expect(places(2, makeHost(sim(10), sim(2)), {})).toEqual(['netdevsim2/0', 'netdevsim10/0']);
  });
});

describe('choosing a PF', () => {
  it('direct-physical takes the PF with the fewest VFs', () => {
    const host = makeHost(makePf(2, 4), makePf(4, 0), makePf(6, 2));
    expect(places(3, host, {}, { vnic_type: 'direct-physical' })).toEqual([B, '0000:06:00.0', A]);
  });

  it('a PF that was given away takes its VFs with it, and a VF its PF', () => {
    const binder = createBinder(makeHost(makePf(2, 1), makePf(4, 2)), {}, new Map());
    const ask = (id: string, vnic_type: 'direct' | 'direct-physical') =>
      binder.bind(makeRequest({ port: { id }, vnic_type }));
    expect(placeOf(ask('a', 'direct-physical'))).toBe(A);
    expect(placeOf(ask('b', 'direct'))).toBe(`${B}/0`);
    expect(codesOf(ask('c', 'direct-physical'))).toEqual([
      [A, 'TAKEN'],
      [B, 'PF_HAS_VFS'],
    ]);
    expect(placeOf(ask('d', 'direct'))).toBe(`${B}/1`);
    expect(codesOf(ask('e', 'direct'))).toEqual([
      [`${A}/0`, 'PF_HAS_VFS'],
      [`${B}/0`, 'TAKEN'],
      [`${B}/1`, 'TAKEN'],
    ]);
  });
});

describe('functions that are named', () => {
  const host = makeHost(makePf(2, 2), makePf(0xa, 2));

  it.each(['0000:0b:00.1', '0000:0B:00.1', '0b:00.1', '00000000:0B:00.1'])(
    'pci_slot %s, in any spelling',
    (pci_slot) => {
      expect(placeOf(bind(makeRequest({ profile: { pci_slot } }), host, {}, new Map()))).toBe(
        '0000:0a:00.0/1',
      );
    },
  );

  it('a place, with the PF in any spelling', () => {
    for (const place of ['0000:0a:00.0/1', '0A:00.0/1']) {
      expect(placeOf(bind(makeRequest({ place }), host, {}, new Map()))).toBe('0000:0a:00.0/1');
    }
  });

  it('a domain of 32 bits is a domain like any other (LP#1897528)', () => {
    const vmd = makePf(2, [makeVf(2, 0, { pciAddress: '10000:e0:06.1' })], {
      device: '10000:e0:06.0',
      pciAddress: '10000:e0:06.0',
    });
    const request = makeRequest({ profile: { pci_slot: '10000:E0:06.1' } });
    expect(placeOf(bind(request, makeHost(vmd), {}, new Map()))).toBe('10000:e0:06.0/0');
  });

  it('pci_vendor_info in any case restricts the choice', () => {
    const other = makePf(4, [makeVf(4, 0, { vendorProduct: '15b3:101e' })]);
    const request = makeRequest({ profile: { pci_vendor_info: '15B3:101E' } });
    expect(placeOf(bind(request, makeHost(makePf(2, 2), other), {}, new Map()))).toBe(`${B}/0`);
  });

  it('the choice goes round a VF that was taken by name', () => {
    const binder = createBinder(makeHost(makePf(2, 3)), {}, new Map());
    const place = (id: string, more: RequestChanges = {}) =>
      placeOf(binder.bind(makeRequest({ ...more, port: { id } })));
    expect(place('a', { place: `${A}/1` })).toBe(`${A}/1`);
    expect(place('b')).toBe(`${A}/0`);
    expect(place('c')).toBe(`${A}/2`);
  });
});

describe('a port that has a function already', () => {
  const taken = new Map([[`${A}/1`, 'port-1']]);

  it('keeps it as long as it suits, though its own guest uses it', () => {
    const host = makeHost(makePf(2, [makeVf(2, 0), makeVf(2, 1, { inUse: 'vfio: qemu' })]));
    expect(placeOf(bind(makeRequest(), host, {}, taken))).toBe(`${A}/1`);
  });

  it('gets another when it no longer does', () => {
    const host = makeHost(makePf(2, [makeVf(2, 0), makeVf(2, 1, { netDevices: [] })]));
    expect(placeOf(bind(makeRequest({ vnic_type: 'macvtap' }), host, {}, taken))).toBe(`${A}/0`);
  });

  it('asked for twice, is given the same one', () => {
    const binder = createBinder(makeHost(makePf(2, 2), makePf(4, 2)), {}, new Map());
    expect(placeOf(binder.bind(makeRequest()))).toBe(placeOf(binder.bind(makeRequest())));
  });
});

describe('refusals of a binder', () => {
  it('are told anew after something was given away, and to each port by what it asks', () => {
    const binder = createBinder(makeHost(makePf(2, [makeVf(2, 0, { netDevices: [] })])), {}, new Map());
    const ask = (id: string, changes: RequestChanges = {}) =>
      binder.bind(makeRequest({ ...changes, port: { id } }));
    const macvtap = { vnic_type: 'macvtap' } as const;
    const other = { profile: { pci_vendor_info: '15b3:101e' } };
    expect(codesOf(ask('a', macvtap))).toEqual([[`${A}/0`, 'NO_NET_DEVICE']]);
    expect(codesOf(ask('b', macvtap))).toEqual([[`${A}/0`, 'NO_NET_DEVICE']]);
    expect(codesOf(ask('c', other))).toEqual([[`${A}/0`, 'NOT_REQUESTED']]);
    expect(codesOf(ask('d', { ...other, vnic_type: 'direct-physical' }))).toEqual([[A, 'NOT_REQUESTED']]);
    expect(placeOf(ask('e'))).toBe(`${A}/0`);
    expect(codesOf(ask('f'))).toEqual([[`${A}/0`, 'TAKEN']]);
    expect(codesOf(ask('e', macvtap))).toEqual([[`${A}/0`, 'NO_NET_DEVICE']]);
  });
});

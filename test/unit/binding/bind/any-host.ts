/** Hosts, policies and sequences of ports, such that every reason to refuse and many bindings come about. */
import * as fc from 'fast-check';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import type { Inventory } from '../../../../src/binding/inventory.ts';
import type { BindPolicy } from '../../../../src/binding/policy.ts';
import type { PortRequest } from '../../../../src/binding/port.ts';
import { FLAT, makeHost, makePf, makeRequest, makeVf, vfAddress } from './host.ts';

const anyVf = fc.record({
  inUse: fc.constantFrom(null, null, null, 'qemu'),
  netDevices: fc.constantFrom([], ['eth0']),
  vendorProduct: fc.constantFrom('8086:10ca', '15b3:101e', null),
});

const anyPf = fc.record({
  vfs: fc.array(anyVf, { maxLength: 6, size: 'max' }),
  numaNode: fc.constantFrom(null, 0, 1),
  switchdev: fc.constantFrom(false, false, false, false, true),
  lacks: fc.constantFrom([], [], [], ['vlan'], ['spoofCheck', 'trust'], ['rate']),
  inUse: fc.constantFrom(null, null, null, 'br0'),
});

export const anyHost: fc.Arbitrary<Inventory> = fc.array(anyPf, { maxLength: 4, size: 'max' }).map((pfs) =>
  makeHost(
    ...pfs.map(({ vfs, ...changes }, index) => {
      const bus = 2 + index * 2;
      return makePf(
        bus,
        vfs.map((vf, number) => makeVf(bus, number, vf)),
        changes,
      );
    }),
  ),
);

export const anyPolicy: fc.Arbitrary<BindPolicy> = fc.record(
  {
    choose: fc.constantFrom('spread' as const, 'pack' as const),
    numaNode: fc.constantFrom(0, 1),
    deviceSpecs: fc.constantFrom(
      parseDeviceSpecs([{ physical_network: 'physnet1', trusted: 'true' }]),
      parseDeviceSpecs([
        { vendor_id: '8086', physical_network: 'physnet1' },
        { address: '0000:04:00.0', physical_network: 'physnet2' },
      ]),
    ),
    mappings: fc.constantFrom(
      new Map([['physnet1', ['pf2', 'pf4', 'pf6']]]),
      new Map([
        ['physnet1', ['pf2']],
        ['physnet2', ['0000:04:00.0']],
      ]),
    ),
    exclude: fc.constant(new Map([['pf2', [vfAddress(2, 1)]]])),
  },
  { requiredKeys: [] },
);

export const anyRequests: fc.Arbitrary<PortRequest[]> = fc
  .array(
    fc.record({
      vnic_type: fc.constantFrom(
        'direct',
        'direct',
        'direct',
        'macvtap',
        'direct',
        'macvtap',
        'direct-physical',
        'vdpa',
      ),
      numa: fc.constantFrom(null, 'required', 'preferred', 'legacy', 'socket'),
      trusted: fc.boolean(),
      secure: fc.boolean(),
      flat: fc.boolean(),
      physical_network: fc.constantFrom('physnet1', 'physnet1', 'physnet1', 'physnet2'),
      vendor: fc.constantFrom({}, {}, {}, { pci_vendor_info: '15b3:101e' }),
      named: fc.oneof(
        { weight: 5, arbitrary: fc.constant(null) },
        { weight: 1, arbitrary: fc.tuple(fc.constantFrom(2, 4), fc.nat(5)) },
      ),
    }),
    { maxLength: 20, size: 'max' },
  )
  .map((list) =>
    list.map(({ vnic_type, numa, trusted, secure, flat, physical_network, vendor, named }, index) =>
      makeRequest({
        vnic_type: vnic_type as PortRequest['vnic_type'],
        port: { id: `port-${index}`, numa_affinity_policy: numa as null, port_security_enabled: secure },
        network: { ...(flat && FLAT), physical_network },
        profile: { trusted, ...vendor, ...(named && { pci_slot: vfAddress(...named) }) },
      }),
    ),
  );

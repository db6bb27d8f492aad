/** Which spec a PF or VF falls under: Nova's rules (facts of nova/pci/devspec.py and whitelist.py). */
import { describe, expect, it } from 'vitest';
import {
  candidateOfPf,
  candidateOfVf,
  matchDeviceSpec,
  type DeviceCandidate,
} from '../../../../src/binding/device-spec/match.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';
import type { InventoryPf, InventoryVf } from '../../../../src/binding/inventory.ts';
import { InvalidConfigError } from '../../../../src/errors.ts';

const igbVf: InventoryVf = {
  vf: 1,
  pciAddress: '0000:0a:10.2',
  vendorProduct: '8086:10ca',
  driver: 'igbvf',
  netDevices: ['eth7'],
  inUse: null,
};
const igb: InventoryPf = {
  device: '0000:0a:00.0',
  pciAddress: '0000:0a:00.0',
  vendorProduct: '8086:10c9',
  driver: 'igb',
  netDevice: 'eth1',
  mac: '52:54:00:00:00:01',
  numaNode: null,
  switchdev: false,
  lacks: [],
  inUse: null,
  vfs: [igbVf],
};
const simVf: InventoryVf = { ...igbVf, pciAddress: null, vendorProduct: null, netDevices: [] };
const sim: InventoryPf = {
  ...igb,
  device: 'netdevsim1',
  pciAddress: null,
  vendorProduct: null,
  netDevice: 'eni1np1',
  vfs: [simVf],
};
const pf = candidateOfPf(igb);
const vf = candidateOfVf(igb, igbVf);

function indexOf(specs: unknown, candidate: DeviceCandidate): number | undefined {
  return matchDeviceSpec(parseDeviceSpecs(specs), candidate)?.index;
}
function isMatch(spec: Record<string, unknown>, candidate: DeviceCandidate): boolean {
  return indexOf(spec, candidate) === 0;
}

describe('device_spec, matching', () => {
  it('first matching entry wins, in file order', () => {
    const specs = [
      '{"vendor_id": "15b3"}',
      '[{"address": "*:0a:*.*", "trusted": "1"}, {"devname": "eth1"}]',
      '{}',
    ];
    const match = matchDeviceSpec(parseDeviceSpecs(specs), vf);
    expect(match?.index).toBe(1);
    expect(match?.spec.tags).toEqual({ trusted: 'true' });
  });

  it('no spec, and none that matches: nothing', () => {
    expect(matchDeviceSpec([], vf)).toBeUndefined();
    expect(indexOf({ vendor_id: '15b3' }, vf)).toBeUndefined();
  });

  it('no address and no devname: every address', () => {
    expect(isMatch({}, vf)).toBe(true);
    expect(isMatch({}, pf)).toBe(true);
  });

  it('vendor_id and product_id are those of the function itself, case-blind; * is any', () => {
    expect(isMatch({ vendor_id: '8086', product_id: '10CA' }, vf)).toBe(true);
    expect(isMatch({ vendor_id: '8086', product_id: '10c9' }, vf)).toBe(false);
    expect(isMatch({ vendor_id: '15b3', product_id: '10ca' }, vf)).toBe(false);
    expect(isMatch({ vendor_id: '*', product_id: '10ca' }, vf)).toBe(true);
    // The PF's product with the PF's address leaves the VFs out: theirs is another.
    expect(isMatch({ product_id: '10c9', address: '0000:0a:00.0' }, pf)).toBe(true);
    expect(isMatch({ product_id: '10c9', address: '0000:0a:00.0' }, vf)).toBe(false);
  });

  it.each([
    ['0000:0a:10.2', true],
    ['*:0A:10.2', true],
    ['.2', true],
    ['*: *: *.2', true],
    ['10', true],
    ['0a:*.*', true],
    ['*:0b:*.*', false],
    ['.3', false],
    ['0001:0a:10.2', false],
  ])('glob %s on 0000:0a:10.2: %s', (address, wanted) => {
    expect(isMatch({ address }, vf)).toBe(wanted);
  });

  it.each([
    [{ slot: '1' }, true], // prefix of 10
    [{ slot: '[0-3]' }, true],
    [{ slot: '0' }, false], // from the start, not anywhere
    [{ slot: '1$' }, false],
    [{ bus: '0A' }, false], // case regarded, as in Nova
    [{ domain: '.*', bus: '0a', slot: '1.', function: '[0-2]' }, true],
    [{ function: '[3-7]' }, false],
    [{ domain: '0000', bus: '.*', slot: '.*', function: '2' }, true],
  ])('regex %j on 0000:0a:10.2: %s (prefix match)', (address, wanted) => {
    expect(isMatch({ address }, vf)).toBe(wanted);
  });

  it('matches 32-bit domains, as glob and as regex, and candidates in any spelling (LP#1897528)', () => {
    const vmd = { ...vf, pciAddress: '10000:E0:06.0', parent: null };
    expect(isMatch({ address: '10000:e0:06.0' }, vmd)).toBe(true);
    expect(isMatch({ address: '0000:e0:06.0' }, vmd)).toBe(false);
    expect(isMatch({ address: { domain: '10000', bus: 'e0' } }, vmd)).toBe(true);
    expect(isMatch({ address: '*:*:*.*' }, { ...vf, pciAddress: '0a:10.2' })).toBe(true);
  });

  it('a candidate with a malformed address or id is refused by the one parser of each', () => {
    expect(() => indexOf({}, { ...vf, pciAddress: '0000:04:12x6' })).toThrow(InvalidConfigError);
    expect(() => indexOf({}, { ...vf, vendorProduct: '0x8086:10ca' })).toThrow(InvalidConfigError);
  });
});

describe('device_spec, a single address that is a PF covers the PF and its VFs (LP#1613434)', () => {
  const written = { domain: '0000', bus: '0a', slot: '00', function: '0' };

  it.each([['0000:0a:00.0'], ['0:A:0.0'], [written]])('%j', (address) => {
    expect(isMatch({ address }, pf)).toBe(true);
    expect(isMatch({ address }, vf)).toBe(true);
    const other = { ...vf, parent: { pciAddress: '0000:0a:00.1', netDevices: [] } };
    expect(isMatch({ address }, other)).toBe(false);
    expect(isMatch({ address }, { ...vf, parent: null })).toBe(false);
  });

  it.each([
    ['*:0a:00.0'],
    ['0000:0a:00'],
    [{ ...written, domain: '.*' }],
    [{ bus: '0a', slot: '00', function: '0' }],
    [{ ...written, function: '[0]' }],
    [{ ...written, slot: '0' }],
  ])('%j is more than one address: the PF alone', (address) => {
    expect(isMatch({ address }, pf)).toBe(true);
    expect(isMatch({ address }, vf)).toBe(false);
  });

  it('the address of a VF is that VF alone', () => {
    const sibling = { ...vf, pciAddress: '0000:0a:10.4' };
    expect(isMatch({ address: '0000:0a:10.2' }, vf)).toBe(true);
    expect(isMatch({ address: '0000:0a:10.2' }, sibling)).toBe(false);
    expect(isMatch({ address: '0000:0a:10.2' }, pf)).toBe(false);
  });

  it('a PF in a 32-bit domain covers its VFs', () => {
    const address = '10000:0a:00.0';
    expect(isMatch({ address }, { ...vf, parent: { pciAddress: address, netDevices: [] } })).toBe(true);
    expect(isMatch({ address }, vf)).toBe(false);
  });
});

describe('device_spec, devname', () => {
  it("a PF's covers the PF and its VFs, with or without network devices", () => {
    expect(isMatch({ devname: 'eth1' }, pf)).toBe(true);
    expect(isMatch({ devname: 'eth1' }, vf)).toBe(true);
    expect(isMatch({ devname: 'eth1' }, { ...vf, netDevices: [] })).toBe(true);
  });

  it("a VF's is that VF alone", () => {
    expect(isMatch({ devname: 'eth7' }, vf)).toBe(true);
    expect(isMatch({ devname: 'eth7' }, pf)).toBe(false);
    expect(isMatch({ devname: 'eth7' }, { ...vf, netDevices: ['eth8'] })).toBe(false);
  });

  it('a name that is gone matches nothing', () => {
    const renamed = { ...igb, netDevice: 'eth9' };
    expect(isMatch({ devname: 'eth1' }, candidateOfPf(renamed))).toBe(false);
    expect(isMatch({ devname: 'eth1' }, candidateOfVf(renamed, igbVf))).toBe(false);
    expect(isMatch({ devname: 'eth1' }, candidateOfPf({ ...igb, netDevice: null }))).toBe(false);
  });

  it('goes with ids: both must match', () => {
    expect(isMatch({ devname: 'eth1', product_id: '10ca' }, vf)).toBe(true);
    expect(isMatch({ devname: 'eth1', product_id: '10ca' }, pf)).toBe(false);
  });

  it('functions without PCI address (netdevsim) are matched by devname only', () => {
    for (const candidate of [candidateOfPf(sim), candidateOfVf(sim, simVf)]) {
      expect(isMatch({ devname: 'eni1np1', physical_network: 'physnet1' }, candidate)).toBe(true);
      expect(isMatch({ devname: 'eni1np1', vendor_id: '8086' }, candidate)).toBe(false);
      for (const spec of [{}, { address: '*:*:*.*' }, { address: { domain: '.*' } }, { vendor_id: '8086' }]) {
        expect(isMatch(spec, candidate)).toBe(false);
      }
    }
  });
});

describe('device_spec, remote_managed', () => {
  const spec = { remote_managed: 'True', address: '0000:0a:00.0' };

  it('needs a card serial number of the VF (VPD), or never matches', () => {
    expect(isMatch(spec, { ...vf, cardSerialNumber: 'MT2113X00000' })).toBe(true);
    for (const cardSerialNumber of [null, '', ' ']) {
      expect(isMatch(spec, { ...vf, cardSerialNumber })).toBe(false);
    }
    expect(isMatch(spec, vf)).toBe(false);
  });

  it('never matches a PF itself (PciDeviceInvalidPFRemoteManaged)', () => {
    expect(isMatch(spec, { ...pf, cardSerialNumber: 'MT2113X00000' })).toBe(false);
    expect(isMatch({ ...spec, remote_managed: 'no' }, pf)).toBe(true);
  });

  it('a spec that does not match for its sake leaves the function to the next', () => {
    expect(indexOf([spec, { remote_managed: false }], vf)).toBe(1);
  });
});

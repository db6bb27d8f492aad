/** What readIommu says of groups, bridges and an IOMMU that is off. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidConfigError, RefusedError } from '../../../src/errors.ts';
import { readIommu } from '../../../src/lifecycle/iommu.ts';
import { FakeHost } from './fake-host.ts';

let host: FakeHost;

beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => host.remove());

test('a group of its own needs no advice', () => {
  host.addFunction('0000:03:10.0', { group: 12 });
  expect(readIommu('0000:03:10.0', host.roots)).toEqual({ group: 12, sharedWith: [] });
});

test('bridges and functions that are harmless share without harm', () => {
  host.addFunction('0000:03:10.0', { group: 12 });
  host.addFunction('0000:00:01.0', { group: 12, class: '0x060400', driver: 'pcieport' });
  host.addFunction('0000:03:10.1', { group: 12, driver: 'vfio-pci' });
  host.addFunction('0000:03:10.2', { group: 12 });
  expect(readIommu('0000:03:10.0', host.roots)).toEqual({
    group: 12,
    sharedWith: ['0000:03:10.1', '0000:03:10.2'],
  });
});

test('a function with a driver in the same group is named', () => {
  host.addFunction('0000:03:10.0', { group: 12 });
  host.addFunction('0000:03:00.0', { group: 12, driver: 'igb' });
  const { hint } = readIommu('0000:03:10.0', host.roots);
  expect(hint).toContain('group 12 also holds 0000:03:00.0 (igb)');
  expect(hint).toContain('ACS');
});

test.each([
  ['GenuineIntel', 'intel_iommu=on'],
  ['AuthenticAMD', 'AMD-Vi'],
])('with the IOMMU off, %s is told to use %s', (vendor, word) => {
  host.addFunction('0000:03:10.0');
  host.write(`${host.roots.proc}/cpuinfo`, `processor\t: 0\nvendor_id\t: ${vendor}\n`);
  expect(readIommu('0000:03:10.0', host.roots).hint).toContain(word);
});

test('a function that the IOMMU leaves out is told from an IOMMU that is off', () => {
  host.addFunction('0000:03:10.0');
  host.addFunction('0000:04:00.0', { group: 1 });
  expect(readIommu('0000:03:10.0', host.roots).hint).toBe(
    'the IOMMU is on but has no group for this function',
  );
});

test('wrong addresses are refused', () => {
  expect(() => readIommu('03:10', host.roots)).toThrow(InvalidConfigError);
  expect(() => readIommu('0000:09:00.0', host.roots)).toThrow(RefusedError);
});

/**
 * netdevsim devices in the model of the PCI functions, on a real kernel's sysfs.
 *
 * Owns what the enumeration says of them; that it finds VFs on a bus is test/hardware/pci-*.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  enumeratePci,
  enumeratePciSync,
  listPhysicalFunctions,
  type PciFunction,
  type PciPhysicalFunction,
  PhysicalFunction,
} from '../../src/index.ts';
import { classifyPort } from '../../src/pci/net-device.ts';
import { readPlain } from '../unit/pci/plain-reader.mjs';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

/** A second and a third device: text order would put 130 before 29. */
let first: Netdevsim;
let later: Netdevsim;
beforeAll(() => {
  later = createNetdevsim({ id: 130 });
  first = createNetdevsim({ id: 29, vfs: 3 });
});
afterAll(() => {
  first.remove();
  later.remove();
});

const simulated = (functions: readonly PciFunction[]): PciPhysicalFunction[] =>
  functions.filter((f): f is PciPhysicalFunction => f.role === 'pf' && f.bus === 'netdevsim');

function pfOf({ id }: Netdevsim, functions = enumeratePciSync()): PciPhysicalFunction {
  const found = simulated(functions).find((pf) => pf.device === `netdevsim${id}`);
  if (found === undefined) throw new Error(`netdevsim${id} is not listed`);
  return found;
}

function devlink(...words: string[]): void {
  const { status, stderr } = spawnSync('devlink', words, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

test('a netdevsim device is a PF without an address, ids or VF functions', async () => {
  const { ifindex } = PhysicalFunction.open(first.pf);
  const pf = pfOf(first, await enumeratePci({ names: true }));
  expect(pf).toMatchObject({
    role: 'pf',
    bus: 'netdevsim',
    device: 'netdevsim29',
    address: null,
    ids: null,
    names: null,
    driver: 'netdevsim',
    iommuGroup: null,
    totalVfs: 4096,
    numVfs: 3,
    driversAutoprobe: null,
    vfDeviceId: null,
    vfs: [],
    unreadable: [],
  });
  expect(pf.netDevices).toMatchObject([{ ifindex, name: first.pf, via: null, represents: null }]);
});

test('they come after the PCI functions, by number', () => {
  const functions = enumeratePciSync();
  const names = simulated(functions).map((pf) => pf.device);
  expect(names.indexOf('netdevsim29')).toBeLessThan(names.indexOf('netdevsim130'));
  expect(functions.slice(-names.length).map((f) => f.device)).toEqual(names);
});

test('the PCI functions are those that a plain reader finds, in every field', async () => {
  const pci = (await enumeratePci()).filter((f) => f.bus === 'pci');
  expect(pci.length).toBeGreaterThan(0);
  expect(pci).toEqual(readPlain('/sys', classifyPort));
});

test('every PF that has a network device and can be opened is listed with it', () => {
  const listed = enumeratePciSync().flatMap((f) =>
    f.role === 'pf' ? f.netDevices.map((d) => `${f.device} ${d.ifindex}`) : [],
  );
  const opened = listPhysicalFunctions().map((pf) => `${pf.device} ${pf.ifindex}`);
  expect(opened).toContain(`netdevsim29 ${PhysicalFunction.open(first.pf).ifindex}`);
  expect(listed).toEqual(expect.arrayContaining(opened));
});

test('the number of VFs is the one of now', () => {
  for (const count of [0, 17, 3]) {
    if (count > 0) first.setNumVfs(0);
    first.setNumVfs(count);
    expect(pfOf(first).numVfs).toBe(count);
  }
});

test('link state and name are those of now, ifindex and device stay', () => {
  const [before] = pfOf(later).netDevices;
  expect(before).toMatchObject({ operState: 'down', carrier: null, speedMbps: null });
  const ip = (...words: string[]): number | null => spawnSync('ip', ['link', 'set', ...words]).status;
  expect(ip(later.pf, 'name', 'renamed0')).toBe(0);
  expect(ip('renamed0', 'up')).toBe(0);
  expect(pfOf(later).netDevices).toMatchObject([
    { ifindex: before?.ifindex, name: 'renamed0', carrier: true },
  ]);
  expect(pfOf(later).netDevices[0]?.operState).not.toBe('down');
  expect(ip('renamed0', 'down')).toBe(0);
  expect(ip('renamed0', 'name', later.pf)).toBe(0);
  expect(pfOf(later).netDevices).toEqual([before]);
});

describe('in switchdev mode', () => {
  beforeAll(() => devlink('dev', 'eswitch', 'set', 'netdevsim/netdevsim29', 'mode', 'switchdev'));
  afterAll(() => devlink('dev', 'eswitch', 'set', 'netdevsim/netdevsim29', 'mode', 'legacy'));

  test('a representor for each VF is told from the uplink, which is the PF', () => {
    const { netDevices } = pfOf(first);
    const ports = netDevices.map((d) => [d.role, d.physPortName, d.represents]);
    const vf = (number: number) => ({ controller: null, pf: 0, vf: number, sf: null });
    expect(ports).toHaveLength(4);
    expect(ports).toEqual(
      expect.arrayContaining([
        ['uplink', 'p1', null],
        ['representor', 'pf0vf0', vf(0)],
        ['representor', 'pf0vf1', vf(1)],
        ['representor', 'pf0vf2', vf(2)],
      ]),
    );
    expect(netDevices.find((d) => d.role === 'uplink')?.name).toBe(first.pf);
    expect(new Set(netDevices.map((d) => d.physSwitchId)).size).toBe(1);
  });
});

test('a device that is removed is gone, one that comes is there', () => {
  const passing = createNetdevsim();
  expect(pfOf(passing).netDevices).toHaveLength(1);
  passing.remove();
  expect(simulated(enumeratePciSync()).map((pf) => pf.device)).not.toContain(`netdevsim${passing.id}`);
});

test('while devices come and go, each answer is whole: none twice, none without its network device', async () => {
  for (let round = 0; round < 10; round++) {
    const running = Array.from({ length: 3 }, () => enumeratePci());
    const passing = createNetdevsim({ vfs: 2 });
    const answers = [...(await Promise.all(running)), await enumeratePci()];
    passing.remove();
    for (const functions of answers) {
      const names = functions.map((f) => f.device);
      expect(new Set(names).size).toBe(names.length);
      expect(pfOf(first, functions).netDevices).toHaveLength(1);
      expect(functions.flatMap((f) => f.unreadable)).toEqual([]);
    }
    expect(pfOf(passing, answers.at(-1))).toMatchObject({ numVfs: 2 });
  }
});

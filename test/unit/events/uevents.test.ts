/** Uevents: their text, the queue of one reader, and what a scan makes up for. */
import { describe, expect, it } from 'vitest';
import { DeviceTable, type ScannedDevice } from '../../../src/events/device-table.ts';
import { SYNC_AFTER_LOSS } from '../../../src/events/native.ts';
import { KeepAlive } from '../../../src/events/source.ts';
import {
  type DeviceUevent,
  type HostUevent,
  parseUevent,
  type UeventAction,
} from '../../../src/events/uevent.ts';
import { UeventMonitor } from '../../../src/events/uevent-monitor.ts';
import { UeventQueue } from '../../../src/events/uevent-queue.ts';
import { FakeNative } from './fake-native.ts';

function raw(action: UeventAction, device: string, subsystem = 'pci', driver?: string): string {
  const path = `/devices/${device}`;
  const lines = [`ACTION=${action}`, `DEVPATH=${path}`, `SUBSYSTEM=${subsystem}`];
  if (driver !== undefined) lines.push(`DRIVER=${driver}`);
  return [`${action}@${path}`, ...lines].join('\0');
}
const uevent = (...args: Parameters<typeof raw>): DeviceUevent => parseUevent(raw(...args));

const text = (event: HostUevent): string =>
  event.type === 'synced' ? `synced ${event.afterLoss}` : `${event.action} ${event.device}`;

function takeAll(queue: UeventQueue): string[] {
  const events: string[] = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) events.push(text(event));
  return events;
}

const scanned = (device: string, driver: string | null): ScannedDevice => ({
  subsystem: 'pci',
  device,
  path: `/devices/${device}`,
  driver,
});

describe('parseUevent', () => {
  it('reads what Linux 6.1 said when igbvf was bound to a VF', () => {
    const event = parseUevent(
      [
        'bind@/devices/pci0000:00/0000:00:05.0/0000:01:10.0',
        'ACTION=bind',
        'DEVPATH=/devices/pci0000:00/0000:00:05.0/0000:01:10.0',
        'SUBSYSTEM=pci',
        'DRIVER=igbvf',
        'MODALIAS=pci:v00008086d000010CAsv00001AF4sd00001100bc02sc00i00',
        'EMPTY=',
        'TWO=a=b',
      ].join('\0'),
    );
    expect(event).toMatchObject({
      type: 'uevent',
      action: 'bind',
      subsystem: 'pci',
      device: '0000:01:10.0',
      path: '/devices/pci0000:00/0000:00:05.0/0000:01:10.0',
      driver: 'igbvf',
      synthesized: false,
      properties: { EMPTY: '', TWO: 'a=b' },
    });
  });

  it('takes names of properties for nothing but names', () => {
    const event = parseUevent(`${raw('add', 'x')}\0__proto__=1\0constructor=2`);
    expect(Object.keys(event.properties)).toContain('__proto__');
    expect(event.driver).toBeNull();
  });
});

describe('UeventQueue', () => {
  it('keeps one uevent of each action, the last, and none of what came and went', () => {
    const queue = new UeventQueue();
    for (let i = 0; i < 100; i++) queue.push(uevent('change', 'pf'));
    queue.push(uevent('add', 'vf0'));
    queue.push(uevent('bind', 'vf0', 'pci', 'igbvf'));
    queue.push(uevent('unbind', 'vf0'));
    queue.push(uevent('bind', 'vf0', 'pci', 'vfio-pci'));
    queue.push(uevent('add', 'vf1'));
    queue.push(uevent('remove', 'vf1'));
    expect(queue.size).toBe(2);
    expect(takeAll(queue)).toEqual(['change pf', 'add vf0', 'unbind vf0', 'bind vf0']);
  });

  it('tells the end of what was known, and a new life after it, once however often', () => {
    const queue = new UeventQueue();
    for (let i = 0; i < 100; i++) {
      queue.push(uevent('change', 'vf0'));
      queue.push(uevent('remove', 'vf0'));
      queue.push(uevent('add', 'vf0'));
    }
    expect(takeAll(queue)).toEqual(['remove vf0', 'add vf0']);
  });

  it('has one `synced` at the end of what it is about, which remembers a loss', () => {
    const queue = new UeventQueue();
    queue.sync(true);
    queue.push(uevent('add', 'vf0'));
    queue.sync(false);
    expect(takeAll(queue)).toEqual(['add vf0', 'synced true']);
    queue.sync(false);
    queue.clear();
    expect(takeAll(queue)).toEqual([]);
  });
});

describe('DeviceTable', () => {
  it('gives the uevents that lead from what is known to what is there', () => {
    const table = new DeviceTable();
    expect(table.scan([scanned('stays', 'igb'), scanned('goes', null)]).map(text)).toHaveLength(3);
    for (const [action, device, driver] of [
      ['add', 'new', undefined],
      ['unbind', 'stays', undefined],
      ['bind', 'stays', 'vfio-pci'],
    ] as const) {
      expect(table.apply(uevent(action, device, 'pci', driver))).toBe(true);
    }
    const told = table.scan([scanned('stays', 'igb'), scanned('new', 'igbvf'), scanned('newer', null)]);
    expect(told.map(text)).toEqual(['remove goes', 'unbind stays', 'bind stays', 'bind new', 'add newer']);
    expect(told.every(({ synthesized }) => synthesized)).toBe(true);
    expect(told[2]).toMatchObject({ driver: 'igb', subsystem: 'pci', path: '/devices/stays' });
    expect(table.scan([scanned('stays', 'igb'), scanned('new', 'igbvf'), scanned('newer', null)])).toEqual(
      [],
    );
  });

  it('knows uevents whose effect a scan has seen', () => {
    const table = new DeviceTable();
    table.scan([scanned('a', 'igb'), scanned('b', null)]);
    expect(table.apply(uevent('add', 'a'))).toBe(false);
    expect(table.apply(uevent('bind', 'a', 'pci', 'igb'))).toBe(false);
    expect(table.apply(uevent('unbind', 'b'))).toBe(false);
    expect(table.apply(uevent('remove', 'c'))).toBe(false);
    expect(table.apply(uevent('change', 'c'))).toBe(true);
    expect(table.apply(uevent('remove', 'c', 'net'))).toBe(true);
    expect(table.apply(uevent('remove', 'a'))).toBe(true);
    expect(table.apply(uevent('add', 'a'))).toBe(true);
  });
});

describe('UeventMonitor', () => {
  it('tells each reader his subsystems, and what a loss has hidden', async () => {
    const native = new FakeNative();
    const monitor = new UeventMonitor(native, new KeepAlive(native));
    const want = { persistent: true, signal: undefined };
    const all = monitor.watch({ ...want, subsystems: undefined });
    const net = monitor.watch({ ...want, subsystems: new Set(['net'] as const) });
    const device = (name: string, driver: string): string[] => ['pci', name, `/devices/${name}`, driver];
    native.tellUevents([0, 1, [...device('a', 'igb'), ...device('b', '')], []]);
    native.tellUevents([0, 0, [], [raw('add', 'eth0', 'net'), raw('add', 'c')]]);
    native.tellUevents([0, SYNC_AFTER_LOSS, [...device('a', ''), ...device('c', '')], [raw('add', 'c')]]);
    const read = async (watch: typeof all): Promise<string[]> => {
      const events: string[] = [];
      while (watch.pending > 0) events.push(text((await watch.next()).value as HostUevent));
      return events;
    };
    expect(await read(all)).toEqual(['add eth0', 'add c', 'remove b', 'unbind a', 'synced true']);
    expect(await read(net)).toEqual(['add eth0', 'synced true']);
    expect(await read(monitor.watch({ ...want, subsystems: undefined }))).toEqual(['synced false']);
    const waiting = all.next();
    native.tellUevents([20, 0, [], []]);
    await expect(waiting).rejects.toMatchObject({
      code: 'ENOTDIR',
      message: 'cannot watch uevents: ENOTDIR',
    });
    expect(native.open.size).toBe(0);
  });
});

/**
 * What a watch of uevents tells of real devices, and how lost uevents are made up for.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { DeviceUevent, HostUevent, Watch } from '../../src/index.ts';
import { closeAll, openUevents } from './events-tools.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const made: Netdevsim[] = [];
function make(id: number): Netdevsim {
  const device = createNetdevsim({ id });
  made.push(device);
  return device;
}
afterEach(() => {
  closeAll();
  for (const device of made.splice(0)) device.remove();
});

async function next(watch: Watch<HostUevent>): Promise<HostUevent> {
  const { value, done } = await watch.next();
  if (done === true) throw new Error('ended');
  return value;
}

/** Reads until the condition holds for what was read. */
async function readUntil(
  watch: Watch<HostUevent>,
  enough: (read: readonly DeviceUevent[]) => boolean,
): Promise<DeviceUevent[]> {
  const read: DeviceUevent[] = [];
  while (!enough(read)) {
    const event = await next(watch);
    if (event.type === 'uevent') read.push(event);
  }
  return read;
}

const text = ({ action, device }: DeviceUevent): string => `${action} ${device}`;

/** Makes the kernel announce the device again, without anything having happened to it. */
function announce(device: Netdevsim, times: number): void {
  for (let i = 0; i < times; i++) writeFileSync(`${device.directory}/uevent`, 'change');
}

describe('watchUevents', () => {
  it("tells igb's VFs by address and driver as they come and go, and their PF's change", async () => {
    const driver = '/sys/bus/pci/drivers/igb';
    const pf = readdirSync(driver).find((name) => /^[0-9a-f]{4}:/.test(name)) ?? '';
    const numVfs = path.join(driver, pf, 'sriov_numvfs');
    const watch = openUevents({ subsystems: ['pci'] });
    expect(await next(watch)).toEqual({ type: 'synced', afterLoss: false });

    writeFileSync(numVfs, '2');
    try {
      const vfs = readdirSync(path.join(driver, pf))
        .filter((name) => name.startsWith('virtfn'))
        .sort();
      expect(vfs).toEqual(['virtfn0', 'virtfn1']);
      const read = await readUntil(watch, (events) =>
        events.some(({ action, device }) => action === 'change' && device === pf),
      );
      const added = read.filter(({ action }) => action === 'add');
      expect(added).toHaveLength(2);
      for (const { properties, path: where, synthesized } of added) {
        expect(properties['PCI_ID']).toBe('8086:10CA');
        expect(properties['DEVPATH']).toBe(where);
        expect(synthesized).toBe(false);
      }
      const bound = read.filter(({ action }) => action === 'bind');
      expect(bound.map(({ driver: name }) => name)).toEqual(['igbvf', 'igbvf']);
      expect(bound.map(({ device }) => device)).toEqual(added.map(({ device }) => device));

      writeFileSync(numVfs, '0');
      const gone = await readUntil(
        watch,
        (events) => events.filter(({ action }) => action === 'remove').length === 2,
      );
      const removed = gone.filter(({ action }) => action === 'remove').map(({ device }) => device);
      expect(removed.sort()).toEqual(added.map(({ device }) => device).sort());
    } finally {
      writeFileSync(numVfs, '0');
      watch.close();
    }
  });

  it('is told by subsystem', async () => {
    const all = openUevents();
    const some = openUevents({ subsystems: ['netdevsim'] });
    await Promise.all([next(all), next(some)]);
    const { pf } = make(9);
    const read = await readUntil(all, (events) => events.some(({ device }) => device === pf));
    expect(read.map(({ subsystem }) => subsystem)).toContain('net');
    const mine = await readUntil(some, (events) => events.length === 2);
    expect(mine.map(text)).toEqual(['add netdevsim9', 'bind netdevsim9']);
    expect(mine[1]?.driver).toBe('netdevsim');
    expect(some.pending).toBe(0);
    all.close();
    some.close();
  });

  it('coalesces for a reader who does not come, and tells him what is there in the end', async () => {
    const device = make(9);
    const watch = openUevents({ subsystems: ['netdevsim'] });
    await next(watch);
    const last = openUevents({ subsystems: ['netdevsim'] });
    await next(last);
    for (let i = 0; i < 50; i++) {
      announce(device, 10);
      createNetdevsim({ id: 8 }).remove();
    }
    device.remove();
    // He is always there, and so knows when all has arrived.
    await readUntil(last, (events) => events.some((event) => text(event) === 'remove netdevsim9'));
    expect(watch.pending).toBeLessThanOrEqual(2);
    const { value } = await watch.next();
    expect(text(value as DeviceUevent)).toBe('remove netdevsim9');
    watch.close();
    last.close();
  });

  it('makes up for uevents that did not fit while the event loop was blocked', async () => {
    const device = make(9);
    const leaves = make(8);
    const watch = openUevents({ subsystems: ['netdevsim', 'pci'] });
    await next(watch);
    announce(device, 1500);
    leaves.remove();
    make(7);
    announce(device, 1500);
    const read: HostUevent[] = [];
    while (read.at(-1)?.type !== 'synced') read.push(await next(watch));
    expect(read.at(-1)).toEqual({ type: 'synced', afterLoss: true });
    const told = read.filter(
      (event) => event.type === 'uevent' && event.action !== 'change',
    ) as DeviceUevent[];
    expect(told.map(text)).toEqual(['remove netdevsim8', 'add netdevsim7', 'bind netdevsim7']);
    expect(told.every(({ synthesized }) => synthesized)).toBe(true);
    expect(told[2]).toMatchObject({ driver: 'netdevsim', path: '/devices/netdevsim7' });
    watch.close();
  });

  it('makes up for uevents that the kernel dropped while the process was stopped', async () => {
    const device = make(9);
    const leaves = make(8);
    const program = fileURLToPath(new URL('./events-child.mjs', import.meta.url));
    const child = spawn(process.execPath, [program, 'uevents'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const nextLine = async (): Promise<{ event: HostUevent; drops: number }> => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the child has ended');
      return JSON.parse(value) as { event: HostUevent; drops: number };
    };
    expect((await nextLine()).event).toEqual({ type: 'synced', afterLoss: false });
    child.kill('SIGSTOP');
    announce(device, 15_000);
    leaves.remove();
    make(7);
    child.kill('SIGCONT');
    const told: HostUevent[] = [];
    while (told.at(-1)?.type !== 'synced') {
      const { event } = await nextLine();
      if (event.type === 'synced' || event.synthesized) told.push(event);
    }
    child.stdin.end('close\n');
    let line = await nextLine();
    while (line.drops === undefined) line = await nextLine();
    console.log(`${line.drops} uevents dropped by the kernel`);
    expect(line.drops).toBeGreaterThan(0);
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(told.at(-1)).toEqual({ type: 'synced', afterLoss: true });
    expect(told.slice(0, -1).map((event) => text(event as DeviceUevent))).toEqual([
      'remove netdevsim8',
      'add netdevsim7',
      'bind netdevsim7',
    ]);
  });
});

/**
 * What a watch of links tells of real links: netdevsim and igb PFs that are renamed, removed, made again, and whose
 * VFs are set.
 */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AbortedError, HostEvents, type LinkEvent, PhysicalFunction, type Watch } from '../../src/index.ts';
import { freshPicture, ip, Mirror, removeLinks, sleep, until, closeAll, openLinks } from './events-tools.ts';
import { createNetdevsim, type Netdevsim } from './netdevsim.mjs';

const made: Netdevsim[] = [];
function make(id: number): Netdevsim {
  const device = createNetdevsim({ id, vfs: 2 });
  made.push(device);
  return device;
}

afterEach(() => {
  closeAll();
  for (const device of made.splice(0)) device.remove();
  removeLinks('ev');
});

/** The next event, `touched` only if `every` is asked for: the kernel announces a new PF more than once. */
async function next(watch: Watch<LinkEvent>, every = false): Promise<LinkEvent> {
  for (;;) {
    const { value, done } = await watch.next();
    if (done === true) throw new Error('ended');
    if (every || value.type !== 'touched') return value;
  }
}

async function nextOf<T extends LinkEvent['type']>(
  watch: Watch<LinkEvent>,
  type: T,
): Promise<Extract<LinkEvent, { type: T }>> {
  const event = await next(watch);
  expect(event.type).toBe(type);
  return event as Extract<LinkEvent, { type: T }>;
}

describe('watchLinks', () => {
  it('begins with every link that is there, the same as a fresh dump, when asked to', async () => {
    make(9);
    const mirror = new Mirror();
    const watch = openLinks({ initial: true });
    for await (const event of watch) {
      mirror.apply(event);
      if (event.type === 'synced') break;
    }
    expect(mirror.picture()).toEqual(freshPicture());
    expect(mirror.counts.added).toBe(mirror.links.size);
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  it('follows a device through renaming, removal and a new life under another name and number', async () => {
    // Not there yet when the watch begins.
    const watch = openLinks({ device: 'netdevsim9', initial: true });
    expect(await next(watch)).toEqual({ type: 'synced', afterLoss: false });
    const first = make(9);
    const other = make(8);
    const added = await nextOf(watch, 'added');
    expect(added).toMatchObject({ name: first.pf, device: 'netdevsim9', link: { bus: 'netdevsim' } });

    ip('link', 'set', 'dev', first.pf, 'name', 'evpf');
    const renamed = await nextOf(watch, 'changed');
    expect(renamed).toMatchObject({ ifindex: added.ifindex, name: 'evpf', changes: ['name'] });
    expect(renamed.previous.name).toBe(first.pf);

    first.remove();
    const removed = await nextOf(watch, 'removed');
    expect(removed).toMatchObject({ ifindex: added.ifindex, name: 'evpf', device: 'netdevsim9' });

    ip('link', 'set', 'dev', other.pf, 'name', 'evpf');
    const again = make(9);
    const back = await nextOf(watch, 'added');
    expect(back).toMatchObject({ name: again.pf, device: 'netdevsim9' });
    expect(back.ifindex).not.toBe(added.ifindex);
    expect(watch.pending).toBe(0);
    watch.close();
  });

  it("tells a change of a VF's settings as touched, on a PF that is up", async () => {
    const { pf } = make(9);
    ip('link', 'set', 'dev', pf, 'up');
    const watch = openLinks({ device: 'netdevsim9' });
    expect(await watch.next()).toMatchObject({ value: { type: 'synced' } });
    ip('link', 'set', 'dev', pf, 'vf', '1', 'mac', '02:00:00:00:00:17');
    const { value } = await watch.next();
    expect(value).toMatchObject({ type: 'touched', name: pf, device: 'netdevsim9' });
    // Down, the kernel says nothing of it (netdev_state_change, net/core/dev.c).
    ip('link', 'set', 'dev', pf, 'down');
    expect(await next(watch)).toMatchObject({ type: 'changed' });
    ip('link', 'set', 'dev', pf, 'vf', '1', 'mac', '02:00:00:00:00:18');
    ip('link', 'set', 'dev', pf, 'mtu', '1400');
    expect(await watch.next()).toMatchObject({ value: { type: 'changed', changes: ['mtu'] } });
    watch.close();
  });

  it("counts an announcement for each message that sets something of a PF's VFs, while it is up", async () => {
    const { pf } = make(9);
    ip('link', 'add', 'evmark', 'type', 'dummy');
    ip('link', 'set', 'dev', pf, 'up');
    const host = PhysicalFunction.open(pf);
    const watch = openLinks();
    while ((await watch.next()).value?.type !== 'synced');
    /** Sets five VFs, then another link, whose event comes after all there is to be told of the PF. */
    const countOfFive = async (mtu: number): Promise<number> => {
      for (let i = 0; i < 5; i++) {
        const { messages } = host.programVfsSync([{ vf: i % 2, mac: `02:00:00:00:${mtu % 100}:1${i}` }]);
        expect(messages).toBe(1);
      }
      ip('link', 'set', 'dev', 'evmark', 'mtu', String(mtu));
      let counted = 0;
      for (;;) {
        const event = await next(watch, true);
        if (event.type === 'changed' && event.link.mtu === mtu) return counted;
        if (event.type === 'touched' && event.name === pf) counted += event.announcements;
      }
    };
    expect(await countOfFive(1411)).toBe(5);
    ip('link', 'set', 'dev', pf, 'down');
    expect(await countOfFive(1422)).toBe(0);
    watch.close();
  });

  it("keeps igb's PF by its PCI address while its driver is bound anew", async () => {
    const driver = '/sys/bus/pci/drivers/igb';
    const address = readdirSync(driver).find((name) => /^[0-9a-f]{4}:/.test(name));
    if (address === undefined) throw new Error('the machine has no igb PF');
    const [name = ''] = readdirSync(path.join(driver, address, 'net'));
    const watch = openLinks({ device: address.toUpperCase(), initial: true });
    const before = await nextOf(watch, 'added');
    expect(before).toMatchObject({ name, device: address, link: { bus: 'pci', kind: null } });
    await nextOf(watch, 'synced');

    writeFileSync(path.join(driver, 'unbind'), address);
    for (;;) if ((await next(watch)).type === 'removed') break;
    writeFileSync(path.join(driver, 'bind'), address);
    const after = await nextOf(watch, 'added');
    expect(after.device).toBe(address);
    expect(after.ifindex).not.toBe(before.ifindex);
    expect(after.link.mac).toBe(before.link.mac);
    watch.close();
    await until(() => existsSync(path.join(driver, address, 'net')), 'the PF is back');
  });

  it('tells of what a bridge says of its ports only what is true of the links', async () => {
    ip('link', 'add', 'evp', 'type', 'dummy');
    ip('link', 'add', 'evbr', 'type', 'bridge');
    const mirror = new Mirror();
    const watch = openLinks({ initial: true });
    for (;;) {
      const event = await next(watch);
      mirror.apply(event);
      if (event.type === 'synced') break;
    }
    // Leaving a bridge is announced as RTM_DELLINK, of the family AF_BRIDGE.
    ip('link', 'set', 'dev', 'evp', 'master', 'evbr');
    ip('link', 'set', 'dev', 'evp', 'nomaster');
    ip('link', 'set', 'dev', 'evp', 'mtu', '777');
    const names = (): (number | undefined)[] =>
      [...mirror.links.values()].filter(({ name }) => name === 'evp').map(({ mtu }) => mtu);
    while (names()[0] !== 777) mirror.apply(await next(watch));
    await sleep(100);
    while (watch.pending > 0) mirror.apply(await next(watch));
    expect(mirror.counts.removed).toBe(0);
    expect(mirror.picture()).toEqual(freshPicture());
    watch.close();
  });

  it('ends with an AbortedError when its signal is aborted, with the reason as cause', async () => {
    const controller = new AbortController();
    const watch = openLinks({ signal: controller.signal });
    expect((await watch.next()).value).toMatchObject({ type: 'synced' });
    const waiting = watch.next();
    const reason = new Error('enough');
    controller.abort(reason);
    const error = await waiting.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AbortedError);
    expect((error as Error).cause).toBe(reason);
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });
});

describe('HostEvents', () => {
  it('emits links and uevents until it is closed, whatever a listener throws away', async () => {
    const events = new HostEvents({ device: 'netdevsim9', subsystems: ['netdevsim'] });
    const seen: string[] = [];
    events.on('link', (event) => seen.push(`link ${event.type}`));
    events.on('uevent', (event) =>
      seen.push(event.type === 'uevent' ? `${event.action} ${event.device}` : `uevent ${event.type}`),
    );
    await until(() => seen.length === 2, 'both are synced');
    make(9);
    await until(() => seen.includes('link added') && seen.includes('bind netdevsim9'), 'the device is told');
    events.close();
    const { length } = seen;
    made.splice(0)[0]?.remove();
    await sleep(200);
    expect(seen.slice(0, 2).sort()).toEqual(['link synced', 'uevent synced']);
    expect(seen).toContain('add netdevsim9');
    expect(seen).toHaveLength(length);
  });
});

/** One source for all watches of links, and what each of them is told. */
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errors.ts';
import type { LinkEvent } from '../../../src/events/link.ts';
import { LinkMonitor, type LinkWant } from '../../../src/events/link-monitor.ts';
import { SYNC_AFTER_LOSS } from '../../../src/events/native.ts';
import { KeepAlive } from '../../../src/events/source.ts';
import type { Watch } from '../../../src/events/watch.ts';
import { FakeNative, linkNews } from './fake-native.ts';

const GONE = 0;
const RECREATED = 1 + 2;
const TOUCHED = 1 + 4;
const SYNC_FIRST = 1;

function setUp(): {
  readonly native: FakeNative;
  readonly watch: (want?: Partial<LinkWant>) => Watch<LinkEvent>;
} {
  const native = new FakeNative();
  const monitor = new LinkMonitor(native, new KeepAlive(native));
  const defaults: LinkWant = { device: undefined, initial: false, persistent: true, signal: undefined };
  return { native, watch: (want = {}) => monitor.watch({ ...defaults, ...want }) };
}

async function read(watch: Watch<LinkEvent>): Promise<LinkEvent[]> {
  const events: LinkEvent[] = [];
  while (watch.pending > 0) events.push((await watch.next()).value as LinkEvent);
  return events;
}

const types = (events: readonly LinkEvent[]): string[] =>
  events.map((event) => `${event.type} ${event.type === 'synced' ? event.afterLoss : event.name}`);

describe('LinkMonitor', () => {
  it('opens one source for all watches and closes it with the last', () => {
    const { native, watch } = setUp();
    const watches = [watch(), watch(), watch({ persistent: false })];
    expect(native.opened).toBe(1);
    watches[0]?.close();
    watches[0]?.close();
    watches[1]?.close();
    expect(native.open.size).toBe(1);
    watches[2]?.close();
    expect(native.open.size).toBe(0);
    watch();
    expect(native.opened).toBe(2);
  });

  it('keeps the process alive while a persistent watch is open', () => {
    const { native, watch } = setUp();
    watch({ persistent: false });
    expect(native.alive).toBe(false);
    const [first, second] = [watch(), watch()];
    expect(native.alive).toBe(true);
    first.close();
    expect(native.alive).toBe(true);
    second.close();
    expect(native.alive).toBe(false);
  });

  it('tells what was there first only to those who want it, then that they are in step', async () => {
    const { native, watch } = setUp();
    const [plain, initial] = [watch(), watch({ initial: true })];
    native.tell(linkNews([{ ifindex: 1 }, { ifindex: 2 }]));
    expect(plain.pending).toBe(0);
    native.tell(linkNews([{ ifindex: 2, flags: GONE }], SYNC_FIRST));
    expect(types(await read(plain))).toEqual(['synced false']);
    expect(types(await read(initial))).toEqual(['added eth1', 'synced false']);
    const late = watch({ initial: true });
    expect(types(await read(late))).toEqual(['added eth1', 'synced false']);
    expect(types(await read(watch()))).toEqual(['synced false']);
    native.tell(linkNews([{ ifindex: 3 }]));
    for (const each of [plain, initial, late]) expect(types(await read(each))).toEqual(['added eth3']);
  });

  it('tells real differences only', async () => {
    const { native, watch } = setUp();
    const all = watch();
    native.tell(linkNews([{ ifindex: 1 }, { ifindex: 2, mtu: 1400 }, { ifindex: 3 }], SYNC_FIRST));
    native.tell(linkNews([{ ifindex: 1 }, { ifindex: 2 }, { ifindex: 3, flags: GONE }], SYNC_AFTER_LOSS));
    expect(types(await read(all))).toEqual(['changed eth2', 'removed eth3', 'synced true']);
  });

  it('tells a device to those who watch it, also when it takes over the number of another', async () => {
    const { native, watch } = setUp();
    const [a, b] = [watch({ device: 'A' }), watch({ device: 'B' })];
    native.tell(linkNews([{ ifindex: 1, device: 'A' }, { ifindex: 2 }], SYNC_FIRST));
    native.tell(linkNews([{ ifindex: 1, device: 'B', flags: RECREATED }]));
    expect(types(await read(a))).toEqual(['synced false', 'removed eth1']);
    expect(types(await read(b))).toEqual(['synced false', 'added eth1']);
    native.tell(linkNews([{ ifindex: 1, device: 'B', flags: TOUCHED }]));
    expect(types(await read(a))).toEqual([]);
    expect(types(await read(b))).toEqual(['touched eth1']);
  });

  it('tells every reader how many announcements there were since he was told', async () => {
    const { native, watch } = setUp();
    const [often, seldom] = [watch({ device: 'A' }), watch()];
    native.tell(linkNews([{ ifindex: 1, device: 'A' }], SYNC_FIRST));
    await read(often);
    await read(seldom);
    const tell = (other: { readonly mtu?: number }, announcements: number): void =>
      native.tell(linkNews([{ ifindex: 1, device: 'A', flags: TOUCHED, announcements, ...other }]));
    tell({}, 3);
    expect(await read(often)).toMatchObject([{ type: 'touched', announcements: 3 }]);
    tell({ mtu: 9000 }, 2);
    expect(await read(often)).toMatchObject([{ type: 'changed', announcements: 2 }]);
    expect(await read(seldom)).toMatchObject([{ type: 'changed', announcements: 5 }]);
    native.tell(linkNews([{ ifindex: 1, device: 'A' }], SYNC_AFTER_LOSS));
    expect(await read(often)).toMatchObject([{ type: 'changed', announcements: 0 }, { type: 'synced' }]);
  });

  it('gives what comes to those who wait', async () => {
    const { native, watch } = setUp();
    const all = watch();
    const waiting = [all.next(), all.next(), all.next()];
    native.tell(linkNews([], SYNC_FIRST));
    native.tell(linkNews([{ ifindex: 1 }, { ifindex: 2 }]));
    expect(types((await Promise.all(waiting)).map(({ value }) => value as LinkEvent))).toEqual([
      'synced false',
      'added eth1',
      'added eth2',
    ]);
  });

  it('forgets everything with its source, and begins anew with the next', async () => {
    const { native, watch } = setUp();
    const first = watch();
    native.tell(linkNews([{ ifindex: 1 }], SYNC_FIRST));
    first.close();
    native.tell(linkNews([{ ifindex: 7 }])); // a late report
    const second = watch({ initial: true });
    expect(second.pending).toBe(0);
    native.tell(linkNews([{ ifindex: 2 }], SYNC_FIRST));
    expect(types(await read(second))).toEqual(['added eth2', 'synced false']);
    expect(await first.next()).toEqual({ done: true, value: undefined });
  });

  it('throws what the kernel refuses, and nothing stays open', () => {
    const { native, watch } = setUp();
    native.refuse = -24;
    const controller = new AbortController();
    expect(() => watch({ signal: controller.signal })).toThrow(KernelError);
    expect(() => watch()).toThrow('cannot watch links: EMFILE');
    expect(native.alive).toBe(false);
    native.refuse = 0;
    watch();
    expect(native.alive).toBe(true);
  });

  it('ends every watch with the error of a source that gave up, after what was told', async () => {
    const { native, watch } = setUp();
    const [reading, waiting] = [watch({ initial: true }), watch()];
    const rejected = waiting.next();
    native.tell(linkNews([{ ifindex: 1 }], 0, 12));
    await expect(rejected).rejects.toMatchObject({ code: 'ENOMEM', errno: -12 });
    expect((await reading.next()).value).toMatchObject({ type: 'added' });
    await expect(reading.next()).rejects.toBeInstanceOf(KernelError);
    expect(await reading.next()).toEqual({ done: true, value: undefined });
    expect(native.open.size).toBe(0);
    expect(native.alive).toBe(false);
  });

  it('drops what is unread when its signal is aborted, at once if it already is', async () => {
    const { native, watch } = setUp();
    const controller = new AbortController();
    const all = watch({ signal: controller.signal });
    native.tell(linkNews([], SYNC_FIRST));
    controller.abort('why');
    await expect(all.next()).rejects.toMatchObject({ code: 'SRIOV_ABORTED', cause: 'why' });
    expect(native.open.size).toBe(0);
    await expect(watch({ signal: AbortSignal.abort() }).next()).rejects.toMatchObject({
      code: 'SRIOV_ABORTED',
    });
    expect(native.opened).toBe(1);
  });

  it('reads each place of a record', async () => {
    const { native, watch } = setUp();
    const all = watch({ initial: true });
    const raw = {
      ifindex: 3,
      device: '0000:01:00.0',
      netFlags: 0x10001,
      operState: 6,
      mac: '02:00',
      master: 9,
      alias: 'a',
    };
    native.tell(linkNews([raw, { ifindex: 4, operState: 99 }]));
    const [first, second] = await read(all);
    expect(first).toMatchObject({
      link: {
        ifindex: 3,
        device: '0000:01:00.0',
        bus: 'pci',
        up: true,
        carrier: true,
        operState: 'up',
        mac: '02:00',
        master: 9,
        alias: 'a',
        mtu: 1500,
      },
    });
    expect(second).toMatchObject({
      link: {
        device: null,
        bus: null,
        up: false,
        carrier: false,
        operState: 'unknown',
        mac: null,
        master: null,
        alias: null,
      },
    });
  });
});

/**
 * One socket for all watches of a thread, nothing left after the last is closed, and no process kept alive or
 * brought down by a watch.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LinkEvent, watchLinks, watchUevents } from '../../src/index.ts';
import {
  ip,
  ipBatch,
  makeDummies,
  multicastSockets,
  openDescriptors,
  removeLinks,
  sleep,
  threads,
  until,
} from './events-tools.ts';

const program = fileURLToPath(new URL('./events-child.mjs', import.meta.url));

afterEach(() => removeLinks('ev'));

/** Opens and closes once, so that what is made on first use and kept (one handle of the loop) is there. */
beforeAll(async () => {
  const watch = watchLinks();
  await watch.next();
  watch.close();
  await until(() => multicastSockets().links === 0, 'closed');
  await sleep(200);
});

describe('the sockets and the thread', () => {
  it('are shared by all watches, and gone when the last is closed', async () => {
    const before = { descriptors: openDescriptors(), threads: threads() };
    const links = Array.from({ length: 50 }, () => watchLinks());
    for (const watch of links) expect((await watch.next()).value).toMatchObject({ type: 'synced' });
    expect(multicastSockets()).toEqual({ links: 1, uevents: 0 });
    const uevents = Array.from({ length: 50 }, () => watchUevents());
    for (const watch of uevents) expect((await watch.next()).value).toMatchObject({ type: 'synced' });
    expect(multicastSockets()).toEqual({ links: 1, uevents: 1 });
    expect(threads()).toBe(before.threads + 1);

    for (const watch of links) watch.close();
    await until(() => multicastSockets().links === 0, 'the socket for links is closed');
    expect(multicastSockets().uevents).toBe(1);
    for (const watch of uevents) watch.close();
    await until(() => openDescriptors() === before.descriptors, 'all descriptors are closed');
    await until(() => threads() === before.threads, 'the thread has ended');
  });

  it('are closed by leaving the loop, by an error in it, by abort and by dispose', async () => {
    const before = openDescriptors();
    for await (const event of watchLinks()) if (event.type === 'synced') break;
    const failing = async (): Promise<void> => {
      for await (const event of watchLinks()) throw new Error(event.type);
    };
    await expect(failing()).rejects.toThrow('synced');
    await expect(watchLinks({ signal: AbortSignal.abort() }).next()).rejects.toMatchObject({
      code: 'SRIOV_ABORTED',
    });
    await watchLinks()[Symbol.asyncDispose]();
    await until(() => openDescriptors() === before, 'all descriptors are closed');
  });

  it('are opened anew while the last ones are still closing, again and again', async () => {
    const before = { descriptors: openDescriptors(), threads: threads() };
    const first: LinkEvent[] = [];
    for (let round = 0; round < 100; round++) {
      const watch = watchLinks();
      if (round % 3 === 0) first.push((await watch.next()).value);
      watch.close();
    }
    expect(first).toHaveLength(34);
    for (const event of first) expect(event).toEqual({ type: 'synced', afterLoss: false });
    await until(() => openDescriptors() === before.descriptors, 'all descriptors are closed');
    await until(() => threads() === before.threads, 'all threads have ended');
  });

  it('tell every watch what happened, each at its own pace', async () => {
    const fast = watchLinks();
    const slow = watchLinks();
    await Promise.all([fast.next(), slow.next()]);
    ip('link', 'add', 'ev0', 'type', 'dummy');
    expect((await fast.next()).value).toMatchObject({ type: 'added', name: 'ev0' });
    ip('link', 'set', 'dev', 'ev0', 'mtu', '1111');
    expect((await fast.next()).value).toMatchObject({ type: 'changed', changes: ['mtu'] });
    expect((await slow.next()).value).toMatchObject({ type: 'added', link: { mtu: 1111 } });
    expect(slow.pending).toBe(0);
    fast.close();
    slow.close();
  });
});

describe('a process', () => {
  const run = (mode: string): ReturnType<typeof spawn> =>
    spawn(process.execPath, [program, mode], { stdio: ['ignore', 'pipe', 'inherit'] });

  it('ends by itself after its watches are closed', async () => {
    expect(await once(run('closed'), 'close')).toEqual([0, null]);
  });

  it('is not kept alive by an open watch with `persistent: false`', async () => {
    expect(await once(run('persistent'), 'close')).toEqual([0, null]);
  });

  it('is kept alive by an open watch, whether or not anybody reads', async () => {
    const child = run('hold');
    if (child.stdout === null) throw new Error('no stdout');
    await once(child.stdout, 'data');
    const ended = once(child, 'close');
    expect(await Promise.race([ended, sleep(1500).then(() => 'alive')])).toBe('alive');
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
  });
});

describe('a worker thread', () => {
  it('that is terminated in the middle of a watch brings nothing down and leaves nothing', async () => {
    const names = makeDummies('ev', 4);
    const before = { descriptors: openDescriptors(), threads: threads() };
    const storm = { running: true };
    const stormed = (async () => {
      while (storm.running) {
        await ipBatch(
          names.flatMap((name) => [`link set dev ${name} mtu 1400`, `link set dev ${name} mtu 1500`]),
        );
        await sleep(20);
      }
    })();
    const library = new URL('../../dist/index.js', import.meta.url).href;
    const code = `
      const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(library)}).then(async ({ watchLinks, watchUevents }) => {
        parentPort.postMessage('loaded');
        void (async () => { for await (const event of watchUevents()) void event; })();
        for await (const event of watchLinks({ initial: true })) {
          if (event.type === 'synced') parentPort.postMessage('synced');
        }
      });`;
    for (let round = 0; round < 5; round++) {
      const worker = new Worker(code, { eval: true });
      const ended = once(worker, 'exit');
      expect(await once(worker, 'message')).toEqual(['loaded']);
      // Some are ended while they watch, some while they begin, at several moments.
      await (round % 2 === 0 ? once(worker, 'message') : sleep(round));
      void worker.terminate();
      const [status] = (await ended) as [number];
      expect(status).toBeLessThanOrEqual(1);
    }
    storm.running = false;
    await stormed;
    await until(() => multicastSockets().links === 0, 'all sockets are closed');
    await until(() => openDescriptors() <= before.descriptors, 'all descriptors are closed');
    await until(() => threads() <= before.threads, 'all threads have ended');
  });
});

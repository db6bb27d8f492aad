/** What a service manager hears, by a socket that stands for it, and what it is never told. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createNotifier } from '../../../../src/agent/os/notify.ts';
import type { KernelError } from '../../../../src/errors.ts';

/** Node has no datagram sockets in the Unix domain. Prints one line of JSON for each datagram, the first when bound. */
const RECEIVER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
name = sys.argv[1]
s.bind('\\0' + name[1:] if name[0] == '@' else name)
print(json.dumps('bound'), flush=True)
while True: print(json.dumps(s.recv(65536).decode()), flush=True)
`;

let folder: string;
let receiver: ChildProcessWithoutNullStreams | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'notify-'));
});
afterEach(() => {
  receiver?.kill();
  receiver = undefined;
  rmSync(folder, { recursive: true });
});

const noPython = spawnSync('python3', ['-c', '']).status === 0 ? undefined : 'no python3 to receive with';

/** Starts to listen at `address`; the result takes the next datagram. */
async function listen(address: string): Promise<() => Promise<string>> {
  receiver = spawn('python3', ['-c', RECEIVER, address]);
  receiver.stderr.pipe(process.stderr);
  const input: Interface = createInterface({ input: receiver.stdout });
  const lines = input[Symbol.asyncIterator]();
  const next = async (): Promise<string> => JSON.parse(String((await lines.next()).value)) as string;
  expect(await next()).toBe('bound');
  return next;
}

const throwIt = (error: KernelError): never => {
  throw error;
};

describe('a notifier', () => {
  test.for<[string, () => string]>([
    ['a path', () => path.join(folder, 'n')],
    ['an abstract address', () => `@sriov-notify-${process.pid}`],
  ])('says each thing in the words of sd_notify(3), to %s', async ([, address], { skip }) => {
    if (noPython !== undefined) return skip(noPython);
    const next = await listen(address());
    const notifier = createNotifier({ NOTIFY_SOCKET: address() }, throwIt);
    notifier.ready();
    expect(await next()).toBe('READY=1');
    const before = process.hrtime.bigint() / 1000n;
    notifier.reloading();
    const after = process.hrtime.bigint() / 1000n;
    const usec = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(await next())?.[1];
    expect(BigInt(usec ?? -1)).toBeGreaterThanOrEqual(before);
    expect(BigInt(usec ?? -1)).toBeLessThanOrEqual(after);
    notifier.watchdog();
    expect(await next()).toBe('WATCHDOG=1');
    notifier.status('3 ports, 1 lost');
    expect(await next()).toBe('STATUS=3 ports, 1 lost');
    // What comes of names and errors must not say anything of its own.
    notifier.status('bad\nMAINPID=1\r\n\0READY=1');
    expect(await next()).toBe('STATUS=bad MAINPID=1 READY=1');
    notifier.status('€'.repeat(100_000));
    expect(await next()).toBe(`STATUS=${'€'.repeat(1000)}`);
    notifier.stopping();
    expect(await next()).toBe('STOPPING=1');
  });

  test('does nothing without NOTIFY_SOCKET', () => {
    for (const env of [{}, { NOTIFY_SOCKET: '' }, { WATCHDOG_USEC: '3000000' }]) {
      const notifier = createNotifier(env, throwIt);
      notifier.ready();
      notifier.reloading();
      notifier.stopping();
      notifier.status('x');
      notifier.watchdog();
      expect(notifier.watchdogMs).toBeNull();
    }
  });

  test('tells of the first message that could not be sent, once, and goes on', async ({ skip }) => {
    if (noPython !== undefined) return skip(noPython);
    const address = path.join(folder, 'later');
    const errors: KernelError[] = [];
    const notifier = createNotifier({ NOTIFY_SOCKET: address }, (error) => errors.push(error));
    notifier.ready();
    notifier.watchdog();
    expect(errors.map(({ code, errno }) => [code, errno])).toEqual([['ENOENT', -2]]);
    expect(errors[0]?.message).toContain(`NOTIFY_SOCKET=${address}: ENOENT`);
    const next = await listen(address);
    notifier.watchdog();
    expect(await next()).toBe('WATCHDOG=1');
    receiver?.kill();
    await once(receiver as ChildProcessWithoutNullStreams, 'exit');
    notifier.watchdog();
    expect(errors).toHaveLength(1);
  });

  test.each([
    ['a relative path', 'run/notify', 'EAFNOSUPPORT'],
    ['another family', 'vsock:2:1234', 'EAFNOSUPPORT'],
    ['no name', '@', 'EINVAL'],
    ['too long a path', `/${'a'.repeat(200)}`, 'ENAMETOOLONG'],
  ])('refuses %s as an address', (_, address, code) => {
    const errors: KernelError[] = [];
    createNotifier({ NOTIFY_SOCKET: address }, (error) => errors.push(error)).ready();
    expect(errors).toMatchObject([{ code }]);
  });
});

describe('watchdogMs', () => {
  const of = (env: NodeJS.ProcessEnv): number | null =>
    createNotifier({ NOTIFY_SOCKET: '/nowhere', ...env }).watchdogMs;

  test('is WATCHDOG_USEC in milliseconds, if it is for this process', () => {
    expect(of({ WATCHDOG_USEC: '30000000' })).toBe(30_000);
    expect(of({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) })).toBe(30_000);
    expect(of({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.ppid) })).toBeNull();
    expect(of({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '' })).toBeNull();
    expect(of({})).toBeNull();
  });

  test('is what a timer can hold, never 0, and null for what is no time', () => {
    expect(of({ WATCHDOG_USEC: '1' })).toBe(1);
    expect(of({ WATCHDOG_USEC: '18446744073709551614' })).toBe(2 ** 31 - 1);
    for (const none of ['0', '', '-1', '1s', '1e6', ' 5']) expect(of({ WATCHDOG_USEC: none })).toBeNull();
  });
});

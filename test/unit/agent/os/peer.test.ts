/** Who is at the other end of a Unix socket: this process, others, other users. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KernelError } from '../../../../src/errors.ts';
import { peerOf } from '../../../../src/agent/os/peer.ts';

let folder: string;
let server: Server;
const sockets: Socket[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'peer-'));
  // For the process of another user.
  chmodSync(folder, 0o711);
  server = createServer().listen(address());
  await once(server, 'listening');
  chmodSync(address(), 0o666);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

const address = (): string => path.join(folder, 's');

async function accepted(): Promise<Socket> {
  const [socket] = (await once(server, 'connection')) as [Socket];
  sockets.push(socket);
  return socket;
}

async function ownPair(): Promise<readonly [near: Socket, far: Socket]> {
  const far = accepted();
  const near = connect(address());
  sockets.push(near);
  await once(near, 'connect');
  return [near, await far];
}

/** A process that connects and waits. */
function connecting(ids: { readonly uid?: number; readonly gid?: number }): ChildProcess {
  const code = "require('node:net').connect(process.argv[1]).resume().on('close', () => process.exit())";
  const child = spawn(process.execPath, ['-e', code, address()], { stdio: 'inherit', cwd: '/', ...ids });
  children.push(child);
  return child;
}

const sorted = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

test("both ends of a connection of this process have this process's ids and groups", async () => {
  for (const socket of await ownPair()) {
    const { pid, uid, gid, groups } = peerOf(socket);
    expect({ pid, uid, gid }).toEqual({
      pid: process.pid,
      uid: process.geteuid?.(),
      gid: process.getegid?.(),
    });
    // Node adds the group itself to the others.
    expect(sorted([...groups, gid])).toEqual(sorted(process.getgroups?.() ?? []));
  }
});

test('another process is told by its pid', async () => {
  const connected = accepted();
  const child = connecting({});
  expect(peerOf(await connected).pid).toBe(child.pid);
});

test('another user is told by his ids, and has none of our groups', async ({ skip }) => {
  if (process.geteuid?.() !== 0) return skip('only root can start a process of another user');
  const connected = accepted();
  connecting({ uid: 65534, gid: 65533 });
  expect(peerOf(await connected)).toMatchObject({ uid: 65534, gid: 65533, groups: [] });
});

test('a socket that is closed is refused', async () => {
  const [near] = await ownPair();
  near.destroy();
  expect(() => peerOf(near)).toThrow(KernelError);
  expect(() => peerOf(near)).toThrow('EBADF');
});

test('a TCP connection has no peer that the kernel knows', async () => {
  const tcp = createServer().listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const where = tcp.address();
  if (where === null || typeof where === 'string') throw new Error('no port');
  const socket = connect(where.port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  tcp.close();
  expect(() => peerOf(socket)).toThrow(KernelError);
});

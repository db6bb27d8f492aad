/** Who may ask and who may change, by what the kernel says of a process of another user on a real socket. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiServer, serveApi } from '../../../../src/agent/api/serve.ts';
import type { Allowed, ApiSettings } from '../../../../src/agent/settings.ts';
import { makeWorld, type World } from '../../port/world.ts';
import { FakeAgent } from './fake-agent.ts';

const CHILD = fileURLToPath(new URL('peer-child.mjs', import.meta.url));
const NOBODY: Allowed = { users: [], groups: [] };
const STRANGER = 65_534;
/** Of no account: only a number can name it. */
const GROUP = 54_321;

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.log('who-may.test.ts is skipped: only root can start processes of other users');

let world: World;
let server: ApiServer;
let folder: string;
let socket: string;

beforeEach(async () => {
  world = await makeWorld();
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-who-'));
  chmodSync(folder, 0o711);
  socket = path.join(folder, 'agent.sock');
  // Without `peerOf`: the kernel is asked.
  server = await serveApi({ agent: new FakeAgent(world), settings: settings({}) });
});
afterEach(async () => {
  await server.close();
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

function settings(changes: Partial<ApiSettings>): ApiSettings {
  return { socket, read: NOBODY, write: NOBODY, ...changes };
}

interface Who {
  readonly uid: number;
  readonly groups?: readonly number[];
}

/** Status and code of the answers to a read and a write; an errno name where there was no connection. */
async function answers({ uid, groups = [] }: Who): Promise<readonly (number | string)[]> {
  const asks = ['GET', '/v1/status', 'DELETE', '/v1/ports/p1'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CHILD, socket, String(uid), String(uid), groups.join(','), ...asks],
    { cwd: '/' },
  );
  return (JSON.parse(stdout) as [number | string, string][]).map(([status]) => status);
}

/** The port that is to be released is not there, which is told to those alone who may release. */
const MAY_READ = [200, 403];
const MAY_WRITE = [200, 404];
const MAY_NOTHING = [403, 403];

test.skipIf(!isRoot)('while nobody else is named, the kernel lets nobody else connect', async () => {
  expect(await answers({ uid: STRANGER, groups: [GROUP] })).toEqual(['EACCES', 'EACCES']);
  expect(await answers({ uid: 0 })).toEqual(MAY_WRITE);
});

test.skipIf(!isRoot)('a user that is not named gets 403 once others are, whatever its group', async () => {
  await server.update(settings({ read: { users: [1], groups: [1] }, write: { users: [1], groups: [1] } }));
  expect(await answers({ uid: STRANGER, groups: [GROUP] })).toEqual(MAY_NOTHING);
  expect(await answers({ uid: 0 })).toEqual(MAY_WRITE);
});

test.skipIf(!isRoot)('a user in api.read.users may ask and not change; root may both', async () => {
  await server.update(settings({ read: { users: [STRANGER], groups: [] } }));
  expect(await answers({ uid: STRANGER })).toEqual(MAY_READ);
  expect(await answers({ uid: 0 })).toEqual(MAY_WRITE);
});

test.skipIf(!isRoot)(
  'a supplementary group gives what it is named for',
  async () => {
    await server.update(settings({ read: { users: [], groups: [GROUP] } }));
    expect(await answers({ uid: STRANGER, groups: [2, GROUP] })).toEqual(MAY_READ);
    expect(await answers({ uid: STRANGER, groups: [2] })).toEqual(MAY_NOTHING);
    await server.update(settings({ write: { users: [], groups: [GROUP] } }));
    expect(await answers({ uid: STRANGER, groups: [GROUP] })).toEqual(MAY_WRITE);
    // The group that a process has as its own counts as well.
    await server.update(settings({ write: { users: [], groups: [STRANGER] } }));
    expect(await answers({ uid: STRANGER })).toEqual(MAY_WRITE);
  },
  30_000,
);

/** The client's calls that change something, and what a server may be told while it runs. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent } from '../../../../src/agent/api/client.ts';
import { AgentRefusedError } from '../../../../src/agent/api/errors.ts';
import { type ApiServer, serveApi, type ServeApiOptions } from '../../../../src/agent/api/serve.ts';
import type { ApiSettings } from '../../../../src/agent/settings.ts';
import { makeWorld, type World } from '../../port/world.ts';
import { FakeAgent } from './fake-agent.ts';

const NOBODY = { users: [], groups: [] };

let world: World;
let agent: FakeAgent;
let server: ApiServer;
let folder: string;

const socket = (name: string): string => path.join(folder, `${name}.sock`);
const settings = (name: string | null): ApiSettings => ({
  socket: name === null ? null : socket(name),
  read: NOBODY,
  write: NOBODY,
});

async function serve(more: Partial<ServeApiOptions> = {}): Promise<void> {
  const peer = { pid: 1, uid: 0, gid: 0, groups: [] };
  server = await serveApi({ agent, settings: settings('first'), peerOf: () => peer, ...more });
}

beforeEach(async () => {
  world = await makeWorld();
  agent = new FakeAgent(world);
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-client-'));
});
afterEach(async () => {
  await server.close();
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

const port = (id: string, more: object = {}): Record<string, unknown> => ({
  id,
  'binding:vnic_type': 'direct',
  network: { network_type: 'vlan', segmentation_id: 100 },
  ...more,
});

test('ports are bound, shown and released, and a refusal has the report', async () => {
  await serve();
  const client = connectAgent(socket('first'));
  const bound = await client.bind([port('p1', { place: 'pf1/2' }), port('p2', { place: 'pf9/9' })]);
  expect(bound.ports).toMatchObject([
    { id: 'p1', bound: true, place: 'pf1/2' },
    { id: 'p2', bound: false },
  ]);
  expect(await client.port('p1')).toMatchObject({ record: { port: { id: 'p1' } }, view: { place: 'pf1/2' } });
  expect((await client.ports('ok')).map(({ id }) => id)).toEqual(['p1']);
  const refused = await client.bind([port('p3', { place: 'pf9/9' })]).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(AgentRefusedError);
  expect(refused).toMatchObject({ status: 409, code: 'SRIOV_BINDING_FAILED', details: { report: {} } });
  expect((await client.release(['p1', 'p9'])).unknown).toEqual(['p9']);
  await expect(client.release(['p1'])).rejects.toMatchObject({ status: 404, code: 'SRIOV_NO_PORT' });
});

test('a look is asked for by either name of a PF, or at all', async () => {
  await serve();
  const client = connectAgent(socket('first'));
  expect((await client.reconcile('eth-pf1')).map(({ pf }) => pf)).toEqual(['pf1']);
  expect(await client.reconcile()).toHaveLength(2);
  expect(agent.looked).toEqual(['pf1', undefined]);
});

test('other settings move the socket: the new one answers, the old one is gone; null ends both', async () => {
  await serve();
  await server.update(settings('second'));
  expect(server.path).toBe(socket('second'));
  expect((await connectAgent(socket('second')).status()).host).toBe('a');
  expect(existsSync(socket('first'))).toBe(false);
  await server.update(settings(null));
  expect([server.path, existsSync(socket('second'))]).toEqual([null, false]);
  await expect(connectAgent(socket('second')).status()).rejects.toMatchObject({ code: 'ENOENT' });
});

test('what the table does not have is asked of the one who was mounted, and 404 if that has it neither', async () => {
  await serve({
    extra: async ({ url }, response) => {
      if (url !== '/metrics') return false;
      response.end('sriov_up 1\n');
      return true;
    },
  });
  const get = (url: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request({ socketPath: socket('first'), path: url, agent: false }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      });
      asked.once('error', reject);
      asked.end();
    });
  expect([await get('/metrics'), await get('/metrix')]).toEqual([200, 404]);
});

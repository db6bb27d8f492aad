/** The API's server on a real socket: what it answers, to whom, and how it comes and goes. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectAgent } from '../../../../src/agent/api/client.ts';
import { apiDocument, ROUTES } from '../../../../src/agent/api/routes/table.ts';
import { type ApiServer, serveApi } from '../../../../src/agent/api/serve.ts';
import type { AgentEvent } from '../../../../src/agent/events.ts';
import type { Peer } from '../../../../src/agent/os/peer.ts';
import type { ApiSettings } from '../../../../src/agent/settings.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { makeWorld, type World } from '../../port/world.ts';
import { FakeAgent } from './fake-agent.ts';
import { EVENTS, SAMPLES } from './samples.ts';

const ROOT: Peer = { pid: 1, uid: 0, gid: 0, groups: [] };
const NOBODY = { users: [], groups: [] };

let world: World;
let agent: FakeAgent;
let server: ApiServer;
let folder: string;
let socket: string;
let peer: Peer;
let logged: string[];

function settings(changes: Partial<ApiSettings> = {}): ApiSettings {
  return { socket, read: NOBODY, write: NOBODY, ...changes };
}

function serve(changes: Partial<ApiSettings> = {}): Promise<ApiServer> {
  return serveApi({
    agent,
    settings: settings(changes),
    peerOf: () => peer,
    log: (message) => logged.push(message),
  });
}

beforeEach(async () => {
  world = await makeWorld();
  agent = new FakeAgent(world);
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-api-'));
  socket = path.join(folder, 'run', 'agent.sock');
  [peer, logged] = [ROOT, []];
  server = await serve();
});
afterEach(async () => {
  await server.close();
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

function ask(method: string, url: string, body?: unknown, type = 'application/json'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = body === undefined ? {} : { 'content-type': type };
    const asked = httpRequest(
      { socketPath: socket, method, path: url, headers, agent: false },
      (response) => {
        let got = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          got += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const isJson = response.headers['content-type'] === 'application/json';
          const json = isJson ? (JSON.parse(got) as Record<string, unknown>) : {};
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: got, json });
        });
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

const flat = (id: string, more: object = {}): object => ({
  id,
  mac_address: '02:00:00:00:00:01',
  'binding:vnic_type': 'direct',
  network: { network_type: 'vlan', segmentation_id: 100 },
  ...more,
});

function errorOf({ json }: Got): { readonly code: string; readonly message: string } {
  return json['error'] as { code: string; message: string };
}

// A schema is compiled for each route.
test('every route answers what the document says of it', async () => {
  for (const event of EVENTS) agent.make(event);
  const calls: readonly (readonly [name: string, method: string, url: string, body?: unknown])[] = [
    ['bindPorts', 'POST', '/v1/ports', { ports: [flat('p1'), flat('p2', { place: 'pf1/3' })] }],
    ['bindPort', 'PUT', '/v1/ports/p3', { port: flat('p3') }],
    ['getStatus', 'GET', '/v1/status'],
    ['listPfs', 'GET', '/v1/pfs'],
    ['listVfs', 'GET', '/v1/pfs/eth-pf1/vfs'],
    ['listPorts', 'GET', '/v1/ports?state=ok'],
    ['getPort', 'GET', '/v1/ports/p1'],
    ['plan', 'POST', '/v1/plan', { ports: [flat('p4')] }],
    ['reconcile', 'POST', '/v1/reconcile', { pf: 'eth-pf0' }],
    ['events', 'GET', '/v1/events'],
    ['releasePort', 'DELETE', '/v1/ports/p1'],
    ['releasePorts', 'POST', '/v1/ports/release', { ids: ['p2', 'p3', 'p9'] }],
    ['links', 'GET', '/v1'],
    ['openapi', 'GET', '/openapi.json'],
  ];
  // A second host's binding would be needed; see the refusal of activation below.
  expect(ROUTES.map(({ name }) => name).sort()).toEqual(
    [...calls.map(([name]) => name), 'activatePort'].sort(),
  );
  const ajv = new Ajv2020({ strict: false });
  const document = JSON.parse(JSON.stringify(apiDocument())) as object;
  ajv.addSchema(document, 'api');
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  for (const [name, method, url, body] of calls) {
    const route = ROUTES.find((one) => one.name === name);
    const got = await ask(method, url, body);
    expect([name, got.status, got.status === 200 ? '' : got.text]).toEqual([name, 200, '']);
    const validate = ajv.compile({ $ref: `api#/components/schemas/${route?.answers}` });
    const values =
      route?.stream === true
        ? got.text
            .trim()
            .split('\n')
            .map((one): unknown => JSON.parse(one))
        : [got.json];
    expect(values.length).toBeGreaterThan(0);
    for (const value of values) {
      validate(value);
      expect([name, validate.errors]).toEqual([name, null]);
    }
  }
  expect(agent.looked).toEqual(['pf0']);
}, 30_000);

test('VFs are shown with the port that has them', async () => {
  await ask('POST', '/v1/ports', { ports: [flat('p2', { place: 'pf1/3' })] });
  const { json } = await ask('GET', '/v1/pfs/pf1/vfs');
  expect((json['vfs'] as { vf: number; port: string | null }[]).map(({ vf, port }) => [vf, port])).toEqual([
    [0, null],
    [1, null],
    [2, null],
    [3, 'p2'],
  ]);
});

test('a port that is refused is 409 alone, and an outcome beside one that is bound', async () => {
  const taken = flat('p2', { place: 'pf9/9' });
  const alone = await ask('POST', '/v1/ports', { ports: [taken] });
  expect([alone.status, errorOf(alone).code]).toEqual([409, 'SRIOV_BINDING_FAILED']);
  expect(errorOf(alone).message).toContain('p2');
  const both = await ask('POST', '/v1/ports', { ports: [flat('p1'), taken] });
  expect(both.status).toBe(200);
  expect(both.json['ports']).toMatchObject([
    { id: 'p1', bound: true },
    { id: 'p2', bound: false, place: null },
  ]);
});

test.each([
  ['GET', '/v2', undefined, 404, 'SRIOV_NO_ROUTE', 'GET /v1 lists'],
  ['PATCH', '/v1/status', undefined, 405, 'SRIOV_NO_METHOD', 'this path has GET'],
  ['GET', '/v1/ports?stat=ok', undefined, 400, 'SRIOV_INVALID_CONFIG', 'did you mean state?'],
  ['GET', '/v1/ports?state=okay', undefined, 400, 'SRIOV_INVALID_CONFIG', 'known are ok, guest-mac'],
  ['GET', '/v1/events?types=drifts', undefined, 400, 'SRIOV_INVALID_CONFIG', 'did you mean drift?'],
  ['GET', '/v1/events?since=-1', undefined, 400, 'SRIOV_INVALID_CONFIG', 'since: must be a whole number'],
  ['GET', '/v1/ports/p9', undefined, 404, 'SRIOV_NO_PORT', 'p9'],
  ['GET', '/v1/ports/%', undefined, 400, 'SRIOV_INVALID_CONFIG', 'malformed'],
  ['DELETE', '/v1/ports/p9', undefined, 404, 'SRIOV_NO_PORT', 'p9'],
  ['POST', '/v1/ports/p9/activate', undefined, 404, 'SRIOV_NO_PORT', 'p9'],
  ['GET', '/v1/pfs/pf7/vfs', undefined, 404, 'SRIOV_NO_PF', 'pf0, pf1'],
  ['POST', '/v1/ports', undefined, 400, 'SRIOV_INVALID_CONFIG', 'body is missing'],
  ['POST', '/v1/ports', '{', 400, 'SRIOV_INVALID_CONFIG', 'not JSON'],
  ['POST', '/v1/ports', [], 400, 'SRIOV_INVALID_CONFIG', 'must be an object'],
  ['POST', '/v1/ports', { port: [] }, 400, 'SRIOV_INVALID_CONFIG', 'did you mean ports?'],
  [
    'POST',
    '/v1/ports',
    { ports: [{ id: 'p1' }] },
    400,
    'SRIOV_INVALID_CONFIG',
    'ports[0]: network is missing',
  ],
  [
    'POST',
    '/v1/ports',
    { ports: [flat('p1'), flat('p2', { mac_address: 'x' })] },
    400,
    'SRIOV_INVALID_CONFIG',
    'ports[1].mac_address',
  ],
  [
    'POST',
    '/v1/ports',
    { ports: [flat('p1', { 'binding:host_id': 'b' })] },
    400,
    'SRIOV_INVALID_CONFIG',
    "this agent is a's",
  ],
  ['PUT', '/v1/ports/p1', { port: flat('p2') }, 400, 'SRIOV_INVALID_CONFIG', 'the path says p1'],
] as const)('%s %s %j is %i %s', async (method, url, body, status, code, words) => {
  const got = await ask(method, url, body);
  expect([got.status, errorOf(got).code]).toEqual([status, code]);
  expect(errorOf(got).message).toContain(words);
  expect(await world.ports.list()).toEqual([]);
});

test('a body that is not JSON by its type, or too big, is refused unread', async () => {
  expect((await ask('POST', '/v1/ports', '{}', 'text/plain')).status).toBe(415);
  const big = await ask('POST', '/v1/ports', ' '.repeat(16 * 1024 * 1024 + 1)).catch(
    // The server hangs up on what it does not want to read.
    (error: NodeJS.ErrnoException) => ({
      status: error.code === 'EPIPE' || error.code === 'ECONNRESET' ? 413 : 0,
    }),
  );
  expect(big.status).toBe(413);
});

test('trouble with the store says when to ask again; a bug is logged and ends nothing', async () => {
  agent.fault = new StoreError('ENOSPC', 'no space left');
  const store = await ask('GET', '/v1/status');
  expect([store.status, errorOf(store).code, store.headers['retry-after']]).toEqual([503, 'ENOSPC', '5']);
  agent.fault = new TypeError('oops');
  const bug = await ask('GET', '/v1/status');
  expect([bug.status, errorOf(bug).code]).toEqual([500, 'SRIOV_INTERNAL']);
  expect(logged).toEqual([expect.stringMatching(/GET \/v1\/status: TypeError: oops\n.*at /s)]);
  expect((await ask('GET', '/v1/status')).status).toBe(200);
});

test('who is not named may not ask, who may ask may not change, and the answer says which setting', async () => {
  peer = { pid: 7, uid: 65_534, gid: 65_534, groups: [] };
  const none = await ask('GET', '/v1/status');
  expect([none.status, errorOf(none).message]).toEqual([
    403,
    expect.stringMatching(/uid 65534.*api\.read or api\.write/),
  ]);
  await server.update(settings({ read: { users: [65_534], groups: [] } }));
  expect((await ask('GET', '/v1/status')).status).toBe(200);
  const change = await ask('DELETE', '/v1/ports/p1');
  expect([change.status, errorOf(change).message]).toEqual([403, expect.stringMatching(/api\.write/)]);
  await server.update(settings({ write: { users: [], groups: [5] } }));
  peer = { ...peer, groups: [5] };
  expect((await ask('DELETE', '/v1/ports/p1')).status).toBe(404);
});

test('the socket is open to root alone until somebody else is named; an unknown name changes nothing', async () => {
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const wrong = settings({ read: { users: ['rooot'], groups: [] } });
  await expect(server.update(wrong)).rejects.toThrow(/api\.read\.users: "rooot".*did you mean root/);
  await server.update(settings({ read: { users: ['root'], groups: [] } }));
  expect(statSync(socket).mode & 0o777).toBe(0o666);
});

test('a living socket is left alone, a dead one is replaced, and what is no socket is not removed', async () => {
  await expect(serve()).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining(socket),
  });
  expect((await ask('GET', '/v1/status')).status).toBe(200);
  await server.close();
  writeFileSync(socket, 'mine');
  await expect(serve()).rejects.toMatchObject({ code: 'EEXIST' });
  rmSync(socket);
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(`${socket}.old`, resolve));
  // A link keeps the socket when its server takes its own name away, as a process that is killed does.
  const { linkSync } = await import('node:fs');
  linkSync(`${socket}.old`, socket);
  await new Promise<void>((resolve) => dead.close(() => resolve()));
  expect(statSync(socket).isSocket()).toBe(true);
  server = await serve();
  expect((await ask('GET', '/v1/status')).status).toBe(200);
});

test('a path that no socket can have is refused', async () => {
  await expect(serve({ socket: `/${'x'.repeat(200)}` })).rejects.toThrow(/at most 107 bytes/);
  chmodSync(folder, 0o755);
});

test('a stream goes on after since, tells of what is missing, and ends with the server', async () => {
  for (let index = 0; index < 1100; index++) agent.make(SAMPLES.overrun);
  const client = connectAgent(socket);
  const kept: (AgentEvent | { type: 'gap' })[] = [];
  for await (const event of client.events({ since: 10 })) kept.push(event);
  expect(kept[0]).toEqual({ type: 'gap', reason: 'not-kept', from: 11, to: 76 });
  expect(kept.slice(1).map((event) => (event as AgentEvent).seq)).toEqual(
    Array.from({ length: 1024 }, (_, index) => 77 + index),
  );
  const stop = new AbortController();
  const seen: unknown[] = [];
  const following = (async () => {
    for await (const event of client.events({
      follow: true,
      signal: stop.signal,
      onOpen: () => agent.make(SAMPLES.lost),
    })) {
      seen.push(event.type);
      if (seen.length === 1) {
        await server.close();
        agent.make(SAMPLES.found);
        server = await serve();
      }
      if (seen.length === 3) stop.abort();
    }
  })();
  await following;
  // The second `lost` is of the second connection.
  expect(seen).toEqual(['lost', 'found', 'lost']);
});

test('the published document is what the routes are made of (node scripts/write-schemas.mjs writes it)', () => {
  const file = new URL('../../../../schemas/agent-openapi.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(apiDocument())));
});

test('without an agent the client says so, and what to look at', async () => {
  await server.close();
  const failed = connectAgent(socket).status();
  await expect(failed).rejects.toMatchObject({
    code: 'ENOENT',
    message: expect.stringContaining('--socket'),
  });
});

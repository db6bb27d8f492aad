/** Metrics and health over HTTP, on TCP and on a Unix socket. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent as HttpAgent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Listen, type MetricsServer, serveMetrics } from '../../../../src/agent/metrics/serve.ts';
import { createMetrics } from '../../../../src/agent/metrics/metrics.ts';
import { FakeAgent, parseMetrics } from './fake-agent.ts';

const directory = mkdtempSync(join(tmpdir(), 'sriov-metrics-'));
const LOOPBACK: Listen = { host: '127.0.0.1', port: 0 };
const open: MetricsServer[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
afterAll(() => rmSync(directory, { recursive: true }));

async function serve(listen: Listen, fake = new FakeAgent()): Promise<MetricsServer> {
  const server = await serveMetrics(listen, { metrics: createMetrics(fake.agent), health: fake.agent });
  open.push(server);
  return server;
}

interface Reply {
  readonly code: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function ask(server: MetricsServer, path: string, method = 'GET', agent?: HttpAgent): Promise<Reply> {
  const where = server.address.startsWith('unix:')
    ? { socketPath: server.address.slice(5) }
    : { host: new URL(server.address).hostname, port: new URL(server.address).port };
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method, agent: agent ?? false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ code: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('answers', () => {
  test('/metrics is the text form of Prometheus, and HEAD the same without it', async () => {
    const server = await serve(LOOPBACK);
    const reply = await ask(server, '/metrics?x=1');
    expect(reply.code).toBe(200);
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(parseMetrics(reply.body).series.get('sriov_agent_ready')).toBe(1);
    const head = await ask(server, '/metrics', 'HEAD');
    expect([head.code, head.body]).toEqual([200, '']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(1000);
  });

  test('/readyz is 503 with the reasons while the agent is not healthy; /healthz is 200 all the same', async () => {
    const fake = new FakeAgent();
    const server = await serve(LOOPBACK, fake);
    expect((await ask(server, '/readyz')).code).toBe(200);
    fake.reasons = ['store: ENOSPC'];
    const reply = await ask(server, '/readyz');
    expect(reply.code).toBe(503);
    expect(JSON.parse(reply.body)).toEqual({ ready: true, healthy: false, reasons: ['store: ENOSPC'] });
    fake.failure = new Error('no view');
    const without = await ask(server, '/readyz');
    expect(without.code).toBe(503);
    expect(JSON.parse(without.body)).toMatchObject({ ready: false, reasons: ['no view'] });
    expect(await ask(server, '/healthz')).toMatchObject({ code: 200, body: 'ok\n' });
  });

  test('to other paths are 404, to other methods 405 with those that are allowed', async () => {
    const server = await serve(LOOPBACK);
    expect((await ask(server, '/')).code).toBe(404);
    expect((await ask(server, '/metricsx')).code).toBe(404);
    const reply = await ask(server, '/metrics', 'POST');
    expect([reply.code, reply.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});

describe('a Unix socket', () => {
  test('can be used by owner and group, and its file goes with the server', async () => {
    const path = join(directory, 'a.sock');
    const umask = process.umask();
    const server = await serve({ path });
    expect(statSync(path).mode & 0o777).toBe(0o660);
    expect(process.umask()).toBe(umask);
    expect((await ask(server, '/healthz')).code).toBe(200);
    await server.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('that a dead process left is taken over', async () => {
    const path = join(directory, 'b.sock');
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${path}.x`, resolve));
    const { renameSync } = await import('node:fs');
    // Moved away, so that the end of the server does not remove the file.
    renameSync(`${path}.x`, path);
    await new Promise((resolve) => dead.close(resolve));
    expect(statSync(path).isSocket()).toBe(true);
    expect((await ask(await serve({ path }), '/healthz')).code).toBe(200);
  });

  test('on which someone listens is refused, with the way out', async () => {
    const path = join(directory, 'c.sock');
    const first = await serve({ path });
    await expect(serve({ path })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      message: expect.stringContaining('metrics.listen') as string,
    });
    expect((await ask(first, '/healthz')).code).toBe(200);
  });

  test('is never made in the place of a file that is no socket', async () => {
    const path = join(directory, 'precious');
    writeFileSync(path, 'x');
    await expect(serve({ path })).rejects.toMatchObject({ code: 'SRIOV_REFUSED' });
    expect(statSync(path).isFile()).toBe(true);
  });

  test('in a directory that is not there is refused by name', async () => {
    const path = join(directory, 'none', 'd.sock');
    await expect(serve({ path })).rejects.toThrow(/none\/d\.sock: ENOENT/u);
  });
});

test('a TCP port that is taken is refused with its address', async () => {
  const { address } = await serve(LOOPBACK);
  const port = Number(new URL(address).port);
  await expect(serve({ host: '127.0.0.1', port })).rejects.toThrow(`${address}: EADDRINUSE`);
});

test('the end waits neither for connections that are kept alive nor for silent ones', async () => {
  const server = await serve(LOOPBACK);
  const keeping = new HttpAgent({ keepAlive: true });
  await ask(server, '/healthz', 'GET', keeping);
  const silent = connect(Number(new URL(server.address).port), '127.0.0.1');
  await new Promise((resolve) => silent.once('connect', resolve));
  const ended = new Promise((resolve) => silent.once('close', resolve));
  silent.on('error', () => {});
  silent.resume();
  await server.close();
  await server.close();
  await ended;
  keeping.destroy();
  await expect(ask(server, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a server without connections keeps no timer', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await serve(LOOPBACK);
  expect(timers()).toBeLessThanOrEqual(before);
});

/** A stream of events to a client that does not keep up: what it costs, and what the client is told. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { streamEvents, type StreamOptions } from '../../../../src/agent/api/follow.ts';
import type { GapEvent } from '../../../../src/agent/api/gap.ts';
import { lines } from '../../../../src/agent/api/lines.ts';
import type { AgentEvent } from '../../../../src/agent/events.ts';
import { makeWorld, type World } from '../../port/world.ts';
import { FakeAgent } from './fake-agent.ts';
import { SAMPLES } from './samples.ts';

let world: World;
let agent: FakeAgent;
let server: Server;
let folder: string;
let socket: string;
let answering: ServerResponse[];
let options: Partial<StreamOptions>;

beforeEach(async () => {
  world = await makeWorld();
  agent = new FakeAgent(world);
  folder = mkdtempSync(path.join(tmpdir(), 'sriov-follow-'));
  socket = path.join(folder, 'agent.sock');
  [answering, options] = [[], {}];
  server = createServer((_request, response) => {
    answering.push(response);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    void streamEvents(agent, response, { follow: true, signal: gone.signal, ...options });
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await world.end();
  rmSync(folder, { recursive: true, force: true });
});

/** An answer of which nothing is read yet. */
function connected(): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: socket, path: '/', agent: false }, resolve);
    asked.once('error', reject);
    asked.end();
  });
}

/** Lines up to the event of type `stopped`, those without content too. */
async function readUntilStopped(response: IncomingMessage): Promise<string[]> {
  const got: string[] = [];
  for await (const line of lines(response)) {
    got.push(line);
    if (line.includes('"type":"stopped"')) break;
  }
  response.destroy();
  return got;
}

/** In bytes: the high-water mark of a socket (16 or 64 KiB), what exceeds it, and the stream's own framing. */
const BOUND = 96 * 1024;

test('a client that does not read costs a bounded buffer, and is told what it missed once it reads', async () => {
  const response = await connected();
  const quick = await connected();
  const quickly = readUntilStopped(quick);
  const big = { ...SAMPLES.trouble, message: 'x'.repeat(2048) };
  const buffered: number[] = [];
  for (let round = 0; round < 200; round++) {
    for (let index = 0; index < 15; index++) agent.make(big);
    // What the kernel takes, and what the other client reads, goes on between the rounds.
    await turn();
    buffered.push(answering[0]?.writableLength ?? Number.NaN);
  }
  agent.make(SAMPLES.stopped);
  expect(answering[0]?.writableNeedDrain).toBe(true);
  expect(Math.max(...buffered)).toBeLessThan(BOUND);

  const events = (await readUntilStopped(response)).map((line) => JSON.parse(line) as AgentEvent | GapEvent);
  const gaps = events.filter((event) => event.type === 'gap');
  expect(gaps).toEqual([{ type: 'gap', reason: 'not-kept', from: expect.any(Number), to: 3001 - 1024 }]);
  // Nothing twice, nothing left out, nothing in another order.
  let next = 1;
  for (const event of events) {
    expect(event.type === 'gap' ? event.from : event.seq).toBe(next);
    next = (event.type === 'gap' ? event.to : event.seq) + 1;
  }
  expect(next).toBe(3002);
  // A slow client is no other client's business.
  expect((await quickly).at(-1)).toContain('"seq":3001');
});

test('nothing of a client is left at the agent when it goes, while it is behind or not', async () => {
  const response = await connected();
  for (let index = 0; index < 1500; index++) agent.make({ ...SAMPLES.trouble, message: 'x'.repeat(1024) });
  expect([agent.listenerCount('event'), answering[0]?.writableNeedDrain]).toEqual([1, true]);
  const closed = new Promise((resolve) => answering[0]?.once('close', resolve));
  response.destroy();
  await closed;
  await turn();
  expect(agent.listenerCount('event')).toBe(0);
});

test('an empty line comes while nothing happens, and none to a client that is behind', async () => {
  options = { heartbeatMs: 1 };
  const response = await connected();
  let empty = 0;
  for await (const line of lines(response)) {
    expect(line).toBe('');
    if (++empty === 3) break;
  }
  const slow = await connected();
  for (let index = 0; index < 1000; index++) agent.make({ ...SAMPLES.trouble, message: 'x'.repeat(2048) });
  await turn();
  const buffered = answering[1]?.writableLength;
  expect(answering[1]?.writableNeedDrain).toBe(true);
  for (let index = 0; index < 5; index++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(answering[1]?.writableLength).toBe(buffered);
  slow.destroy();
});

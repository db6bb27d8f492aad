/**
 * What the agent costs when nothing happens: 8 PFs with 128 VFs each, all bound by one call.
 * Runs inside the virtual machine: npm run bench -- --only agent-idle
 *
 *   node bench/guest/agent-idle.mjs [--seconds N] [--settle N]
 *
 * Owns the claims about idleness, of the agent's own process: below 0.1 s of CPU time in 60 s, and no request to
 * rtnetlink. Two windows, once the process has come to rest: in the first nothing looks on; in the second strace does,
 * which knows nothing of the agent's own counters. An emulated processor takes 10 to 25 times as long for V8's code: there the limit is 1 s.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createNetdevsim } from '../../test/kernel/netdevsim.mjs';
import { cpuSeconds, memoryKib, startBoundAgent, wakeUps } from '../agent/agent-process.mjs';
import { readTrace, TRACE_OPTIONS } from '../agent/netlink-trace.mjs';
import { Claims } from '../lib/claims.mjs';
import { isEmulated } from '../lib/processor.mjs';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, settle: { type: 'string', default: '60' } },
});
const SECONDS = Number(options.seconds);
const PFS = 8;
const VFS = 128;
/** Of CPU time in the window, in s. */
const LIMIT = isEmulated() ? 1 : 0.1;
/** V8 clears away what the start left behind when the process has had nothing to do for a while: told, not claimed. */
const SETTLE_SECONDS = Number(options.settle);
/** Our own questions are behind it. */
const PAUSE_MS = 2000;

const devices = Array.from({ length: PFS }, () => createNetdevsim({ vfs: VFS }));
const agent = await startBoundAgent(PFS * VFS);
console.log(
  `${PFS} PFs with ${VFS} VFs each, ${PFS * VFS} ports bound by one call in ${(agent.bindMs / 1000).toPrecision(3)} s`,
);

const cpuReady = cpuSeconds(agent.pid);
await sleep(SETTLE_SECONDS * 1000);
const cpuSettling = cpuSeconds(agent.pid) - cpuReady;
const before = await settled();
const cpu = cpuSeconds(agent.pid);
const woken = wakeUps(agent.pid);
await sleep(SECONDS * 1000);
const cpuUsed = cpuSeconds(agent.pid) - cpu;
const wokenTimes = wakeUps(agent.pid) - woken;
const memory = memoryKib(agent.pid);
const alone = grownSince(before, (await agent.status()).counters);

const witness = await watch();
const after = await agent.status();
const bare = await bareNode();
await agent.stop();
for (const device of devices) device.remove();

const mib = (/** @type {number} */ kib) => `${(kib / 1024).toFixed(1)} MiB`;
console.log(`\nthe first ${SETTLE_SECONDS} s after it was ready`);
console.log(`  CPU time of the process   ${cpuSettling.toFixed(2)} s`);
console.log(`idle for ${SECONDS} s, nothing looking on`);
console.log(`  CPU time of the process   ${cpuUsed.toFixed(2)} s, its threads woken ${wokenTimes} times`);
console.log(`  its own counters          ${sayGrown(alone)}`);
console.log(`  memory                    ${mib(memory.rss)} resident, PSS ${mib(memory.pss)}`);
console.log(`  Node that does nothing    ${mib(bare.rss)} resident, PSS ${mib(bare.pss)}`);
if (witness !== null) {
  const { sends, receives } = witness.idle;
  console.log(`idle for ${SECONDS} s, under strace`);
  console.log(`  rtnetlink                 ${sends} requests, ${receives} answers and notifications`);
  console.log(`  its own counters          ${sayGrown(witness.grown)}`);
  console.log(`  asked to look at all PFs  ${witness.look} requests`);
}
console.log();

const claims = new Claims();
claims.atMost(`CPU time in ${SECONDS} s, in s`, cpuUsed, LIMIT);
claims.holds('no look, no dump, no message', isNothing(alone));
if (witness === null) {
  console.log('not asserted: what strace sees; it is not here, or may not trace');
} else {
  claims.holds('strace sees no request to rtnetlink', witness.idle.sends === 0, `${witness.idle.sends}`);
  claims.holds('no look, no dump, no message under strace', isNothing(witness.grown));
  claims.holds('and one for each PF when a look is asked for', witness.look === PFS, `${witness.look}`);
}
const fine = after.ports.filter(({ state }) => state === 'ok').length;
claims.holds('every port is as wanted', fine === PFS * VFS, `${fine}`);
claims.holds(
  'ready and healthy',
  after.ready && after.healthy,
  after.reasons.join('; ') || 'no reason not to be',
);
claims.holds('no VF that was as wanted was written', after.counters.healthyWrites === 0);
claims.close();

/** @typedef {import('../../src/agent/status.ts').AgentCounters} AgentCounters */
/** @typedef {Pick<AgentCounters, 'looks' | 'dumps' | 'messages'>} Grown */

async function settled() {
  const { counters } = await agent.status();
  await sleep(PAUSE_MS);
  return counters;
}

/** @param {AgentCounters} then @param {AgentCounters} now @returns {Grown} */
function grownSince(then, now) {
  return {
    looks: now.looks - then.looks,
    dumps: now.dumps - then.dumps,
    messages: now.messages - then.messages,
  };
}

/** @param {Grown} grown */
function sayGrown({ looks, dumps, messages }) {
  return `${looks} looks, ${dumps} dumps, ${messages} messages`;
}

/** @param {Grown} grown */
function isNothing({ looks, dumps, messages }) {
  return looks === 0 && dumps === 0 && messages === 0;
}

/**
 * What strace sees in a window, and then of one look at every PF, so that a witness that sees nothing is found out.
 */
async function watch() {
  const then = await settled();
  const folder = mkdtempSync(path.join(tmpdir(), 'sriov-trace-'));
  const output = path.join(folder, 'trace');
  const strace = spawn('strace', [...TRACE_OPTIONS, '-o', output, '-p', String(agent.pid)], {
    stdio: 'inherit',
  });
  const ended = once(strace, 'exit').catch(() => null);
  await sleep(SECONDS * 1000);
  if (strace.exitCode !== null || strace.pid === undefined) return null;
  const { counters } = await agent.status();
  const idle = readTrace(readFileSync(output, 'utf8'));
  await agent.reconcile();
  strace.kill('SIGINT');
  await ended;
  const all = readTrace(readFileSync(output, 'utf8'));
  rmSync(folder, { recursive: true });
  return { idle, grown: grownSince(then, counters), look: all.sends - idle.sends };
}

/** What Node itself takes. */
async function bareNode() {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  await sleep(3000);
  const taken = memoryKib(child.pid ?? 0);
  child.kill();
  return taken;
}

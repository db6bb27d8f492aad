/**
 * The agent as users run it, `sriov agent --config FILE`, in a process of its own, and what can be known of that
 * process from outside.
 *
 * Owns the ports that are bound for it, its configuration and its life. Must never share the process of the
 * benchmark: what the benchmark itself does would be counted as the agent's.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { macOf } from '../lib/vfs.mjs';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const HOST = 'bench';
/** Of the kernel's clock ticks in /proc/PID/stat (sysconf(3), always 100 on Linux). */
const TICKS_A_SECOND = 100;
const READY_MS = 300_000;

/** @typedef {import('../../src/agent/status.ts').AgentStatus} AgentStatus */
/** @typedef {import('../../src/agent/events.ts').AgentEvent} AgentEvent */

/**
 * @typedef {object} AgentProcess
 * @property {number} pid
 * @property {Record<string, unknown>[]} log lines so far, as the log's JSON
 * @property {() => Promise<AgentStatus>} status
 * @property {() => Promise<void>} reconcile all PFs; resolves when it is done
 * @property {() => Promise<void>} stop
 */

/** What a VF of a port has. @param {number} index of the port @returns {{ mac: string, vlan: number }} */
export const wantedOf = (index) => ({ mac: macOf(index), vlan: 1 + (index % 4094) });

/**
 * Binds as many ports by one call, and starts the agent on them.
 *
 * @param {number} ports
 * @param {Record<string, unknown>} [reconcile] settings of the agent, by their names in the file
 * @returns {Promise<AgentProcess & { bindMs: number }>} it is ready; how long binding took
 */
export async function startBoundAgent(ports, reconcile = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'sriov-agent-'));
  const bindMs = await bindAll(path.join(folder, 'store'), ports);
  const socket = path.join(folder, 'agent.sock');
  const file = path.join(folder, 'agent.json');
  writeFileSync(
    file,
    JSON.stringify({ host: HOST, store: path.join(folder, 'store'), api: { socket }, reconcile }),
  );
  const agent = await startAgent(file, socket);
  const stop = async () => {
    await agent.stop();
    rmSync(folder, { recursive: true });
  };
  return { ...agent, stop, bindMs };
}

/** @param {string} directory @param {number} count */
async function bindAll(directory, count) {
  /** @type {typeof import('../../src/binding-api.ts')} what users import */
  const { createLinuxHost, openLmdbStore, openPorts } = await import(
    new URL('../../dist/binding-api.js', import.meta.url).href
  );
  const store = await openLmdbStore(directory);
  const bound = await openPorts({ store, host: createLinuxHost({ name: HOST }) }).bind(
    Array.from({ length: count }, (_, index) => requestOf(index)),
  );
  await store.close();
  const refused = bound.ports.filter(({ refusals }) => refusals.length > 0);
  if (refused.length > 0 || bound.ports.length !== count) {
    throw new Error(`${refused.length} of ${count} ports were refused: ${JSON.stringify(refused[0])}`);
  }
  return bound.durationMs;
}

/** @param {number} index @returns {import('../../src/binding-api.ts').PortRequest} */
function requestOf(index) {
  const { mac, vlan } = wantedOf(index);
  return {
    port: {
      id: `port-${String(index).padStart(4, '0')}`,
      mac_address: mac,
      admin_state_up: true,
      port_security_enabled: true,
      propagate_uplink_status: true,
      numa_affinity_policy: null,
      device_owner: 'compute:nova',
      device_id: `instance-${index}`,
      qos_rules: [],
    },
    network: {
      network_type: 'vlan',
      physical_network: null,
      segmentation_id: vlan,
      qinq: false,
      vlan_qos: 0,
    },
    vnic_type: 'direct',
    profile: {},
  };
}

/** @param {string} file @param {string} socket @returns {Promise<AgentProcess>} */
async function startAgent(file, socket) {
  const child = spawn(process.execPath, [MAIN, 'agent', '--config', file], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the agent could not be started');
  /** @type {Record<string, unknown>[]} */
  const log = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.startsWith('{')) log.push(JSON.parse(line));
    else console.log(`agent: ${line}`);
  });
  const status = () => ask(socket, 'GET', '/v1/status');
  const reconcile = async () => void (await ask(socket, 'POST', '/v1/reconcile'));
  const deadline = performance.now() + READY_MS;
  for (let ready = false; !ready;) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(
        `the agent did not get ready (exit status ${child.exitCode}):\n${log.map((line) => JSON.stringify(line)).join('\n')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    ready = await status().then(
      (answer) => answer.ready,
      () => false,
    );
  }
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { pid, log, status, reconcile, stop };
}

/** @param {string} socketPath @param {'GET' | 'POST'} method @param {string} target @returns {Promise<any>} */
function ask(socketPath, method, target) {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path: target, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => (text += part));
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${target}: ${answer.statusCode} ${text}`));
      });
    });
    asked.on('error', reject).end();
  });
}

/** CPU time of all threads, in seconds: /proc/PID/stat, of a resolution of 10 ms. @param {number} pid */
export function cpuSeconds(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program, in parentheses, may have blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** How often its threads were given a processor. @param {number} pid */
export function wakeUps(pid) {
  let times = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    times += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[2]);
  }
  return times;
}

/** Resident memory and its share where pages are shared (PSS), in KiB. @param {number} pid */
export function memoryKib(pid) {
  const field = (/** @type {string} */ file, /** @type {string} */ name) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]);
  return { rss: field('status', 'VmRSS'), pss: field('smaps_rollup', 'Pss') };
}

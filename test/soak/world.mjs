/**
 * What the soak is about: PFs of netdevsim, ports bound to their VFs, the agent that keeps them, and the check that
 * all is as it must be.
 *
 * Owns the truth: what a VF must be like is read from the store's claims, what it is from the kernel, by code that has
 * nothing to do with the agent's.
 */
import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { PhysicalFunction, watchLinks } from '../../dist/index.js';
import { checkStore, createLinuxHost, openLmdbStore, openPorts } from '../../dist/binding-api.js';
import { createNetdevsim } from '../kernel/netdevsim.mjs';
import { ip } from './ip.mjs';

export const HOST = 'soak';
export const VFS = 16;

/** @typedef {import('../../src/agent-api.ts').AgentStatus} AgentStatus */
/** @typedef {import('../../src/agent-api.ts').AgentEvent} AgentEvent */
/** @typedef {import('../../src/binding-api.ts').Claim} Claim */

/**
 * @typedef {object} Pf
 * @property {number} id number of the netdevsim device, which stays when it is made anew
 * @property {string} device name in sysfs
 */

export class World {
  /** @type {Pf[]} */
  pfs = [];
  /** No fault is ever done to this one: the kernel's announcements of it tell of needless writes. */
  /** @type {Pf} */
  control = { id: 0, device: '' };
  /** Announcements of the control PF since it was set up; must stay 0. */
  controlTouched = 0;
  /** Sums over all lives of the agent. */
  counters = { looks: 0, dumps: 0, messages: 0, drifts: 0, repairs: 0, healthyWrites: 0 };
  lives = 0;
  checkedVfs = 0;
  /** What an unowned VF was last set to by someone: it must stay so. Text of the place to its row. */
  /** @type {Map<string, unknown>} */
  strangers = new Map();
  /** @type {AgentEvent[]} */
  events = [];
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #agent;
  /** @type {((status: AgentStatus) => void)[]} */
  #asked = [];
  #directory = mkdtempSync(path.join(tmpdir(), 'sriov-soak-'));
  #ids = 0;
  #end = new AbortController();

  /** @param {number} count of PFs with faults */
  async open(count) {
    this.store = await openLmdbStore(this.directory);
    this.host = createLinuxHost({ name: HOST });
    this.ports = openPorts({ store: this.store, host: this.host });
    for (let n = 0; n <= count; n++) {
      const { id, pf } = createNetdevsim({ vfs: VFS });
      ip(`link set ${pf} up`);
      const made = { id, device: `netdevsim${id}` };
      if (n === 0) this.control = made;
      else this.pfs.push(made);
    }
    for (const pf of [this.control, ...this.pfs]) await this.bind(pf, VFS / 2);
    void this.#watchControl();
    await this.startAgent();
  }

  get directory() {
    return path.join(this.#directory, 'store');
  }

  async #watchControl() {
    const watch = watchLinks({ device: this.control.device, signal: this.#end.signal });
    try {
      for await (const event of watch) if (event.type !== 'synced') this.controlTouched++;
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }

  /** Binds so many new ports to VFs of a PF. @param {Pf} pf @param {number} count */
  async bind(pf, count) {
    const taken = new Set((await this.claims()).map(({ place }) => `${place.pf}/${place.vf}`));
    const free = Array.from({ length: this.numVfs(pf) }, (_, vf) => vf).filter(
      (vf) => !taken.has(`${pf.device}/${vf}`),
    );
    const requests = free.slice(0, count).map((vf) => this.#request(`${pf.device}/${vf}`));
    for (const vf of free.slice(0, count)) this.strangers.delete(`${pf.device}/${vf}`);
    const report = await this.#ports().bind(requests);
    return report.ports;
  }

  #ports() {
    if (this.ports === undefined) throw new Error('open first');
    return this.ports;
  }

  /** @param {string} place @returns {import('../../src/binding-api.ts').PortRequest} */
  #request(place) {
    const n = ++this.#ids;
    const hex = (/** @type {number} */ byte) => byte.toString(16).padStart(2, '0');
    return {
      port: {
        id: `port-${n}`,
        mac_address: `02:50:00:00:${hex(n >> 8)}:${hex(n & 255)}`,
        admin_state_up: true,
        port_security_enabled: n % 2 === 0,
        propagate_uplink_status: n % 3 === 0,
        numa_affinity_policy: null,
        device_owner: 'compute:soak',
        device_id: `vm-${n}`,
        qos_rules: [],
      },
      network: {
        network_type: 'vlan',
        physical_network: null,
        segmentation_id: 1 + (n % 4000),
        qinq: false,
        vlan_qos: n % 8,
      },
      vnic_type: 'direct',
      profile: n % 4 === 0 ? { trusted: true } : {},
      place,
    };
  }

  /** @returns {Promise<Claim[]>} */
  async claims() {
    const range = await this.store?.range(`claim/${HOST}/`);
    return /** @type {Claim[]} */ (/** @type {unknown} */ (range?.entries.map(({ value }) => value) ?? []));
  }

  /** @param {Pf} pf */
  numVfs(pf) {
    const file = `/sys/bus/netdevsim/devices/${pf.device}/sriov_numvfs`;
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  }

  // The agent

  async startAgent() {
    this.lives++;
    const child = fork(new URL('agent.mjs', import.meta.url), [this.directory, HOST], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#agent = child;
    const started = new Promise((resolve, reject) => {
      child.once('exit', (code, signal) => reject(new Error(`the agent ended with ${signal ?? code}`)));
      child.on(
        'message',
        (/** @type {{ started?: true, status?: AgentStatus, event?: AgentEvent }} */ message) => {
          if (message.started) resolve(undefined);
          if (message.event) this.events.push(message.event);
          if (this.events.length > 400) this.events.shift();
          if (message.status) for (const answer of this.#asked.splice(0)) answer(message.status);
        },
      );
    });
    await started;
    child.removeAllListeners('exit');
  }

  get pid() {
    return this.#agent?.pid ?? 0;
  }

  /** @returns {Promise<AgentStatus>} */
  status() {
    return new Promise((resolve) => {
      this.#asked.push(resolve);
      this.#agent?.send('status');
    });
  }

  async #keepCounters() {
    const { counters } = await this.status();
    for (const name of /** @type {(keyof World['counters'])[]} */ (Object.keys(this.counters))) {
      this.counters[name] += counters[name];
    }
  }

  /** @param {NodeJS.Signals} signal */
  async killAgent(signal) {
    await this.#keepCounters();
    const child = this.#agent;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill(signal);
    await gone;
  }

  /** Kills an agent that can't answer. */
  async endStopped() {
    const child = this.#agent;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill('SIGKILL');
    await gone;
  }

  async stopAgent() {
    await this.#keepCounters();
    const child = this.#agent;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child?.send('stop');
    await gone;
  }

  // The check

  /**
   * What is not as it must be, in words; empty when all is.
   *
   * @returns {Promise<string[]>}
   */
  async wrong() {
    const wrong = [];
    const claims = await this.claims();
    this.checkedVfs = 0;
    for (const pf of [this.control, ...this.pfs]) {
      const mine = claims.filter(({ place }) => place.pf === pf.device);
      const rows = this.rows(pf);
      for (const claim of mine) wrong.push(...this.#wrongOf(claim, rows));
      for (const [place, row] of this.strangers) {
        if (!place.startsWith(`${pf.device}/`)) continue;
        const now = rows.get(Number(place.split('/')[1]));
        if (now !== undefined && !isDeepStrictEqual(now, row)) {
          wrong.push(`${place} is nobody's and was ${JSON.stringify(row)}, now ${JSON.stringify(now)}`);
        }
      }
    }
    if (this.controlTouched > 0) wrong.push(`the PF without faults was written ${this.controlTouched} times`);
    return wrong;
  }

  /** @param {Claim} claim @param {Map<number, import('../../src/index.ts').VfState>} rows */
  #wrongOf(claim, rows) {
    const { place, phase, wanted } = claim;
    const name = `${place.pf}/${place.vf} (${claim.port})`;
    // A VF that is not there can't be set up; it must stay claimed.
    const row = rows.get(place.vf ?? -1);
    if (row === undefined) return [];
    if (phase !== 'bound' || wanted === null) return [`${name} is ${phase}`];
    this.checkedVfs++;
    return Object.entries(wanted).flatMap(([attribute, value]) => {
      const found = new Map(Object.entries(row)).get(attribute);
      if (found === undefined || attribute === 'vf' || isSame(value, found)) return [];
      if (attribute === 'mac' && wanted.trust === true && found !== '00:00:00:00:00:00') return [];
      return [`${name} ${attribute} is ${JSON.stringify(found)}, wanted ${JSON.stringify(value)}`];
    });
  }

  /** VFs of a PF by number; none when it is not here. @param {Pf} pf */
  rows(pf) {
    const name = this.netDevice(pf);
    if (name === undefined || this.numVfs(pf) === 0) return new Map();
    return new Map(
      PhysicalFunction.open(name)
        .readVfsSync()
        .toConfigs()
        .map((row) => [row.vf, row]),
    );
  }

  /** @param {Pf} pf @returns {string | undefined} */
  netDevice(pf) {
    return ip(`-o link show`)
      .split('\n')
      .map((line) => line.split(': ')[1] ?? '')
      .find((name) => existsSync(`/sys/bus/netdevsim/devices/${pf.device}/net/${name}`));
  }

  /** Of the store. */
  async findings() {
    return this.store === undefined ? [] : checkStore(this.store);
  }

  async close() {
    this.#end.abort();
    await this.store?.close();
    rmSync(this.#directory, { recursive: true });
    for (const { id } of [this.control, ...this.pfs]) removeDevice(id);
  }
}

/** Takes a device away, if it is there. @param {number} id */
export function removeDevice(id) {
  if (existsSync(`/sys/bus/netdevsim/devices/netdevsim${id}`)) {
    writeFileSync('/sys/bus/netdevsim/del_device', String(id));
  }
}

/** @param {unknown} wanted @param {unknown} found */
function isSame(wanted, found) {
  if (isDeepStrictEqual(wanted, found)) return true;
  if (wanted === null)
    return found === false || found === 'auto' || found === '00:00:00:00:00:00' || isZero(found);
  if (typeof wanted !== 'object' || typeof found !== 'object' || found === null) return false;
  return Object.entries(/** @type {object} */ (wanted)).every(
    ([key, value]) => /** @type {Record<string, unknown>} */ (found)[key] === value,
  );
}

/** @param {unknown} found */
function isZero(found) {
  return typeof found === 'object' && found !== null && Object.values(found).every((value) => value === 0);
}

/**
 * A process that binds and releases: node two-at-once-child.mjs SOURCES STORE WITNESS NAME TRIES SEED.
 *
 * VFs are in its own memory: what is tried is who may have them. It keeps a file for each VF that it was given, made so
 * that making it fails if there is one, and removes it before it gives the VF back: a witness that does not rest on
 * the store. Prints what happened as JSON.
 */
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [sources = '', path = '', witness = '', name = '', tries = '', seed = ''] = process.argv.slice(2);
/** @param {string} file */
const load = (file) => import(pathToFileURL(`${sources}/${file}.js`).href);
const { openPorts } = await load('port/open');
const { openLmdbStore } = await load('store/lmdb-store');
const { StoreConflictError } = await load('store/errors');
const { VfTable } = await load('vf/table');

const VFS = 8;
/**
 * @param {number} vf
 * @returns {import('../../../src/vf/config.ts').VfState}
 */
const fresh = (vf) => ({
  vf,
  mac: '00:00:00:00:00:00',
  vlan: null,
  rate: { min: 0, max: 0 },
  spoofCheck: true,
  trust: false,
  linkState: 'auto',
});
const pfs = new Map(['pf0', 'pf1'].map((pf) => [pf, Array.from({ length: VFS }, (_, vf) => fresh(vf))]));
/** @param {string} pf */
const statesOf = (pf) => pfs.get(pf) ?? [];
/** Lets the other process run between any two steps. */
const pause = () => new Promise((resolve) => setImmediate(resolve));

const host = {
  name: 'shared',
  bootId: 'one',
  inventory: async () => ({
    host: 'shared',
    pfs: [...pfs].map(([device, states]) => ({
      device,
      pciAddress: null,
      vendorProduct: null,
      driver: 'memory',
      netDevice: device,
      mac: null,
      numaNode: null,
      switchdev: false,
      lacks: [],
      inUse: null,
      vfs: states.map(({ vf }) => {
        return { vf, pciAddress: null, vendorProduct: null, driver: null, netDevices: [], inUse: null };
      }),
    })),
  }),
  generation: async () => 'one',
  /** @param {string} pf */
  read: async (pf) => {
    await pause();
    return statesOf(pf).map((state) => ({ ...state }));
  },
  /**
   * @param {string} pf
   * @param {readonly import('../../../src/vf/config.ts').VfConfig[]} configs
   */
  program: async (pf, configs) => {
    VfTable.from(configs);
    await pause();
    for (const config of configs) {
      const cleared = config.rate === null ? { rate: { min: 0, max: 0 } } : {};
      Object.assign(statesOf(pf)[config.vf] ?? {}, config, cleared);
    }
    return { vfs: configs.length, applied: configs.length, failures: [], notRestored: [], messages: 1 };
  },
  netDevice: async () => null,
};

const opened = await openLmdbStore(path);
/** @type {string[]} */
const twice = [];
const said = { tries: 0, bound: 0, taken: 0, conflicts: 0, twice };
/** @type {Pick<import('../../../src/store/store.ts').Store, 'get' | 'range' | 'commit'>} */
const store = {
  get: (key) => opened.get(key),
  range: (prefix, options) => opened.range(prefix, options),
  commit: async (options) => {
    await pause();
    try {
      return await opened.commit(options);
    } catch (error) {
      if (error instanceof StoreConflictError) said.conflicts++;
      throw error;
    }
  },
};
const ports = openPorts({ store, host });

let state = Number(seed) >>> 0;
/** Numerical Recipes' generator, whose upper bits are taken. */
/** @param {number} limit */
const below = (limit) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};
/**
 * @param {string} id
 * @param {string} [place]
 */
const request = (id, place) => ({
  port: {
    id,
    mac_address: `02:${name.charCodeAt(0).toString(16)}:00:00:00:01`,
    admin_state_up: true,
    port_security_enabled: true,
    propagate_uplink_status: true,
    numa_affinity_policy: null,
    device_owner: 'compute:nova',
    device_id: 'one',
    qos_rules: [],
  },
  network: { network_type: 'vlan', physical_network: null, segmentation_id: 100, qinq: false, vlan_qos: 0 },
  vnic_type: 'direct',
  profile: {},
  ...(place !== undefined && { place }),
});
/** @param {import('../../../src/binding/place.ts').Place} place */
const fileOf = ({ pf, vf }) => `${witness}/${pf}-${vf}`;

/** What this process has. */
const held = new Map();
while (said.tries < Number(tries)) {
  const requests = Array.from({ length: 1 + below(6) }, (_, index) => {
    const place = below(3) === 0 ? `pf${below(2)}/${below(VFS)}` : undefined;
    return request(`${name}-${said.tries + index}`, place);
  });
  said.tries += requests.length;
  const report = await ports.bind(requests);
  for (const { id, binding, refusals } of /** @type {import('../../../src/port/report.ts').BindReport} */ (
    report
  ).ports) {
    if (binding?.place == null) {
      if (!refusals.every(({ code }) => code === 'TAKEN')) throw new Error(JSON.stringify(refusals));
      said.taken++;
      await ports.release([id]);
      continue;
    }
    said.bound++;
    try {
      closeSync(openSync(fileOf(binding.place), 'wx'));
    } catch {
      twice.push(`${fileOf(binding.place)}: ${id}`);
    }
    held.set(id, binding.place);
  }
  const most = below(10);
  const done = [...held].slice(0, Math.max(0, held.size - most));
  for (const [id, place] of done) {
    unlinkSync(fileOf(place));
    held.delete(id);
  }
  if (done.length > 0) await ports.release(done.map(([id]) => id));
}
const rest = [...held];
for (const [, place] of rest) unlinkSync(fileOf(place));
await ports.release(rest.map(([id]) => id));
const dirty = [...pfs].flatMap(([pf, states]) =>
  states
    .filter((one) => JSON.stringify(one) !== JSON.stringify(fresh(one.vf)))
    .map(({ vf }) => `${pf}/${vf}`),
);
await opened.close();
process.stdout.write(JSON.stringify({ ...said, dirty }));

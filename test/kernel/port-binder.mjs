/**
 * Binds and releases ports on the VFs of one PF in a process of its own, with the built package:
 *
 *     node port-binder.mjs STORE PF NAME TRIES SEED
 *
 * After each call it reads the PF and looks whether each VF that it was given has the MAC of its port. The ports of the
 * end stay bound. Prints what happened as JSON.
 */
import { createLinuxHost, openLmdbStore, openPorts } from '../../dist/binding-api.js';

const [, , directory = '', pf = '', name = '', tries = '', seed = ''] = process.argv;
const host = createLinuxHost({ name: 'shared' });
const opened = await openLmdbStore(directory);
const said = { tries: 0, bound: 0, taken: 0, conflicts: 0, looks: 0 };
/** @type {string[]} */
const wrong = [];
/** @type {import('../../src/binding-api.ts').Store} */
const store = {
  get: (key) => opened.get(key),
  range: (prefix, options) => opened.range(prefix, options),
  commit: async (options) => {
    try {
      return await opened.commit(options);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'SRIOV_CONFLICT') said.conflicts++;
      throw error;
    }
  },
  watch: (prefix, options) => opened.watch(prefix, options),
  close: () => opened.close(),
};
const ports = openPorts({ store, host });

let state = Number(seed) >>> 0;
/**
 * Numerical Recipes' generator, whose upper bits are taken.
 *
 * @param {number} limit
 */
const below = (limit) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};
/** @param {number} count */
const macOf = (count) => {
  const hex = (/** @type {number} */ byte) => byte.toString(16).padStart(2, '0');
  return `02:${hex(name.charCodeAt(0))}:00:00:${hex(count >> 8)}:${hex(count & 255)}`;
};
/**
 * @param {number} count
 * @returns {import('../../src/binding-api.ts').PortRequest}
 */
const request = (count) => ({
  port: {
    id: `${name}-${count}`,
    mac_address: macOf(count),
    admin_state_up: true,
    port_security_enabled: count % 2 === 0,
    propagate_uplink_status: true,
    numa_affinity_policy: null,
    device_owner: 'compute:nova',
    device_id: 'one',
    qos_rules: [],
  },
  network: {
    network_type: 'vlan',
    physical_network: null,
    segmentation_id: 1 + (count % 4000),
    qinq: false,
    vlan_qos: 0,
  },
  vnic_type: 'direct',
  profile: {},
});

/** By id: the VF that it has, and its MAC. */
const held = new Map();
while (said.tries < Number(tries)) {
  const counts = Array.from({ length: 1 + below(4) }, (_, index) => said.tries + index);
  said.tries += counts.length;
  const report = await ports.bind(counts.map(request));
  for (const [index, { id, binding, refusals }] of report.ports.entries()) {
    if (binding?.place == null) {
      if (refusals.some(({ code }) => code !== 'TAKEN')) wrong.push(JSON.stringify(refusals));
      said.taken++;
      await ports.release([id]);
    } else {
      said.bound++;
      held.set(id, { vf: binding.place.vf, mac: macOf(counts[index] ?? 0) });
    }
  }
  const states = new Map((await host.read(pf)).map((one) => [one.vf, one.mac]));
  for (const [id, { vf, mac }] of held) {
    said.looks++;
    if (states.get(vf) !== mac) wrong.push(`VF ${vf} of port ${id} has ${states.get(vf)}, not ${mac}`);
  }
  const gone = [...held.keys()].slice(0, Math.max(0, held.size - below(8)));
  for (const id of gone) held.delete(id);
  const { released } = await ports.release(gone);
  if (released.length !== gone.length) wrong.push(`${gone.length - released.length} ports were not released`);
}
await opened.close();
console.log(JSON.stringify({ ...said, wrong }));

/**
 * A polling agent's look at one PF, on this package's own reader: a model of the algorithm of Neutron's SR-IOV NIC
 * agent (neutron/plugins/ml2/drivers/mech_sriov/agent: sriov_nic_agent.py, eswitch_manager.py).
 *
 * Owns the steps and their count. Must never be slower than what it models: where the two differ, it is in the
 * polling agent's favour.
 *
 * Modelled, for each poll: is the PF there; for each VF, is the PF there and does the VF have a network device of
 * its own (none = given to a guest); for each VF that is given to a guest, one request for the whole PF, of which
 * that VF's MAC is taken; the set of (MAC, slot) beside that of the poll before.
 *
 * Left out: the way through the privileged helper process for each request, two sockets and a look-up of the
 * ifindex by name for each request (poll_model.py has these), statistics of every VF in each answer, turning records
 * that are not asked for into objects, the message bus, and all that follows when something has changed.
 */

import { statSync } from 'node:fs';

/**
 * @typedef {object} PollWork
 * @property {number} reads of the whole PF
 * @property {number} records VFs in all answers
 * @property {number} stats calls of stat(2)
 * @property {number} changed members by which the set differs from that of the poll before
 */

export class PollModel {
  #pf;
  #device;
  #vfs;
  /** @type {Set<string>} */
  #known = new Set();

  /** @param {import('../../src/index.ts').PhysicalFunction} pf @param {number} vfs */
  constructor(pf, vfs) {
    this.#pf = pf;
    this.#device = `/sys/class/net/${pf.name}/device`;
    this.#vfs = vfs;
  }

  /** @returns {PollWork} */
  poll() {
    const work = { reads: 0, records: 0, stats: 0, changed: 0 };
    const isFolder = (/** @type {string} */ path) => {
      work.stats += 1;
      return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    };
    /** @type {Set<string>} */
    const current = new Set();
    if (isFolder(this.#device)) {
      for (let vf = 0; vf < this.#vfs; vf++) {
        if (!isFolder(this.#device) || isFolder(`${this.#device}/virtfn${vf}/net`)) continue;
        const table = this.#pf.readVfsSync();
        work.reads += 1;
        work.records += table.length;
        const mac = table.row(table.rowOf(vf)).mac;
        current.add(`${mac} ${vf}`);
      }
    }
    for (const device of current) if (!this.#known.has(device)) work.changed += 1;
    for (const device of this.#known) if (!current.has(device)) work.changed += 1;
    this.#known = current;
    return work;
  }
}

/**
 * The work of one poll: a polling agent's beside ours, on one PF all of whose VFs are given to guests.
 * Runs inside the virtual machine: npm run bench -- --only agent-poll
 *
 *   node bench/guest/agent-poll.mjs [--rounds N] [--python-rounds N] [--python-vfs N,...] [--kept-vfs N,...]
 *
 * Owns one claim: a polling agent's work grows with the square of the number of VFs and ours with the number. Counts
 * and ratios alone are asserted. The contenders take turns; in the first rounds the pyroute2 models as well, which
 * take minutes under emulation, so that they can be left out at a size. Nothing here is scaled up from less.
 */

import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { createNetdevsim } from '../../test/kernel/netdevsim.mjs';
import { TRACE_FROM_HERE, traceNetlink } from '../agent/netlink-trace.mjs';
import { PollModel } from '../agent/poll-model.mjs';
import { printPolls, printTraces } from '../agent/poll-table.mjs';
import { pyroute2Version, pythonModel, startPythonPoller } from '../agent/python-poller.mjs';
import { Claims } from '../lib/claims.mjs';
import { median } from '../lib/samples.mjs';
import { portConfigs } from '../lib/vfs.mjs';

/** @type {typeof import('../../src/index.ts')} what users import */
const { PhysicalFunction, VfTable, diffVfs } = await import(
  new URL('../../dist/index.js', import.meta.url).href
);

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    'python-rounds': { type: 'string', default: '3' },
    'python-vfs': { type: 'string', default: '64,128,256' },
    'kept-vfs': { type: 'string', default: '64,128,256' },
    trace: { type: 'string' },
    pf: { type: 'string', default: '' },
    vfs: { type: 'string', default: '0' },
  },
});
const SIZES = [64, 128, 256];
/** A safety poll is too short to be measured alone: this many make one sample, which is their mean. */
const SAFETY_POLLS = 20;

const SAFETY = 'sriov, safety poll';
const MODEL = 'polling, our reader';
const FRESH = 'polling, pyroute2';
const KEPT = 'polling, pyroute2, sockets kept';

/** @typedef {{ name: string, rounds: number, poll: () => Promise<Sample>, close?: () => void }} Contender */

if (options.trace === undefined) await measure();
else traced(options.trace, options.pf, Number(options.vfs));

/** One poll for strace to watch. @param {string} name @param {string} pfName @param {number} vfs */
function traced(name, pfName, vfs) {
  const pf = PhysicalFunction.open(pfName);
  const poll = name === MODEL ? modelPoll(pf, vfs) : safetyPoll(pf, vfs);
  poll();
  statSync(TRACE_FROM_HERE, { throwIfNoEntry: false });
  poll();
}

/**
 * What our safety poll asks of the kernel, and the comparison with what is wanted.
 * @param {import('../../src/index.ts').PhysicalFunction} pf
 * @param {number} vfs
 */
function safetyPoll(pf, vfs) {
  const wanted = VfTable.from(portConfigs(vfs));
  return () => {
    const found = pf.readVfsSync();
    const differing = diffVfs(wanted, found).length;
    if (differing > 0) throw new Error(`${differing} VFs differ`);
    return { records: found.length, messages: 2 };
  };
}

/** @param {import('../../src/index.ts').PhysicalFunction} pf @param {number} vfs */
function modelPoll(pf, vfs) {
  const model = new PollModel(pf, vfs);
  return () => {
    const { records, reads } = model.poll();
    return { records, messages: 2 * reads };
  };
}

/**
 * @param {() => { records: number, messages: number }} poll
 * @param {number} inARow
 * @returns {Sample}
 */
function timed(poll, inARow) {
  const start = process.hrtime.bigint();
  const used = process.cpuUsage();
  let work = { records: 0, messages: 0 };
  for (let i = 0; i < inARow; i++) work = poll();
  const { user, system } = process.cpuUsage(used);
  const wall = Number(process.hrtime.bigint() - start);
  return { ...work, cpuNs: ((user + system) * 1000) / inARow, wallNs: wall / inARow };
}

/** @param {string} pfName @param {number} vfs @returns {Contender[]} */
function contendersOn(pfName, vfs) {
  const pf = PhysicalFunction.open(pfName);
  pf.programVfsSync(portConfigs(vfs));
  const safety = safetyPoll(pf, vfs);
  const model = modelPoll(pf, vfs);
  const pythons = /** @type {const} */ ([
    [FRESH, 'fresh', options['python-vfs']],
    [KEPT, 'kept', options['kept-vfs']],
  ])
    .filter(([, , sizes]) => has(sizes, vfs))
    .map(([name, sockets]) => ({ name, poller: startPythonPoller(pfName, vfs, sockets) }));
  return [
    { name: SAFETY, rounds: Number(options.rounds), poll: async () => timed(safety, SAFETY_POLLS) },
    { name: MODEL, rounds: Number(options.rounds), poll: async () => timed(model, 1) },
    ...pythons.map(({ name, poller }) => ({
      name,
      rounds: Number(options['python-rounds']),
      poll: poller.poll,
      close: poller.close,
    })),
  ];
}

async function measure() {
  const devices = SIZES.map((vfs) => ({ vfs, device: createNetdevsim({ vfs }) }));
  const rows = devices.flatMap(({ vfs, device }) =>
    contendersOn(device.pf, vfs).map((contender) => ({
      vfs,
      contender,
      /** @type {Sample[]} */
      samples: [],
    })),
  );
  const rounds = Math.max(Number(options.rounds), Number(options['python-rounds']));
  for (let round = -1; round < rounds; round++) {
    const first = (round + 1) % rows.length;
    for (const { contender, samples } of [...rows.slice(first), ...rows.slice(0, first)]) {
      if (round >= contender.rounds || (round < 0 && contender.close !== undefined)) continue;
      const sample = await contender.poll();
      if (round >= 0) samples.push(sample);
    }
  }
  for (const { contender } of rows) contender.close?.();
  console.log(`one poll of one PF, all VFs given to guests; pyroute2 ${pyroute2Version()}\n`);
  printPolls(rows);
  sayWhatIsLeftOut();
  const traces = devices.map(({ vfs, device }) => traceAll(device.pf, vfs));
  for (const { device } of devices) device.remove();
  printTraces(traces.flat());
  claim(rows, traces);
}

/** @typedef {import('../agent/poll-table.mjs').Sample} Sample */
/** @typedef {import('../agent/poll-table.mjs').Traced} Traced */
/** @typedef {{ vfs: number, contender: Contender, samples: Sample[] }} Row */

/** @param {string} pf @param {number} vfs @returns {Traced[]} */
function traceAll(pf, vfs) {
  const self = fileURLToPath(import.meta.url);
  const ours = [SAFETY, MODEL].map((name) => ({
    name,
    argv: [process.execPath, self, '--trace', name, '--pf', pf, '--vfs', String(vfs)],
    input: '',
  }));
  const python = vfs === SIZES[0] ? [{ name: FRESH, argv: pythonModel(pf, vfs, 'fresh'), input: '\n' }] : [];
  return [...ours, ...python].map(({ name, argv, input }) => ({
    vfs,
    name,
    trace: traceNetlink(argv, input),
  }));
}

function sayWhatIsLeftOut() {
  console.log(
    `\nA sample of "${SAFETY}" is the mean of ${SAFETY_POLLS}. Between polls there is no tick that could cost`,
  );
  console.log('anything: agent-idle shows it.');
  for (const [name, sizes] of /** @type {const} */ ([
    [FRESH, options['python-vfs']],
    [KEPT, options['kept-vfs']],
  ])) {
    const left = SIZES.filter((vfs) => !has(sizes, vfs));
    if (left.length > 0)
      console.log(`Left out in this run, not estimated: ${name} with ${left.join(', ')} VFs.`);
  }
}

/** @param {string} sizes @param {number} vfs */
function has(sizes, vfs) {
  return sizes.split(',').includes(String(vfs));
}

/** @param {readonly Row[]} rows @param {readonly Traced[][]} traces */
function claim(rows, traces) {
  const claims = new Claims();
  const rowOf = (/** @type {string} */ name, /** @type {number} */ vfs) => {
    const row = rows.find((each) => each.vfs === vfs && each.contender.name === name);
    if (row === undefined) throw new Error(`${name} did not run with ${vfs} VFs`);
    return row;
  };
  const [least = 0, , most = 0] = SIZES;
  for (const { vfs, contender, samples } of rows) {
    const records = contender.name === SAFETY ? vfs : vfs * vfs;
    claims.holds(
      `${vfs} VFs: ${contender.name}: ${records} records in each poll`,
      samples.length > 0 && samples.every((sample) => sample.records === records),
    );
  }
  const growth = (/** @type {string} */ name) =>
    (rowOf(name, most).samples[0]?.records ?? 0) / (rowOf(name, least).samples[0]?.records ?? 0);
  claims.holds(`from ${least} to ${most} VFs ours grows 4 times`, growth(SAFETY) === 4);
  claims.holds(`from ${least} to ${most} VFs the polling agent's grows 16 times`, growth(MODEL) === 16);
  for (const each of traces) {
    const [ours, model, python] = each;
    if (ours?.trace == null || model?.trace == null) {
      console.log('not asserted: bytes and messages as strace sees them; strace is not here');
      continue;
    }
    const { vfs } = ours;
    claims.holds(`${vfs} VFs: ours sends one message`, ours.trace.sends === 1, `${ours.trace.sends}`);
    claims.holds(`${vfs} VFs: the model sends ${vfs}`, model.trace.sends === vfs, `${model.trace.sends}`);
    claims.holds(
      `${vfs} VFs: the model receives ${vfs} times the bytes`,
      model.trace.received === vfs * ours.trace.received,
      `${model.trace.received} and ${ours.trace.received}`,
    );
    if (python?.trace != null) {
      claims.holds(
        `${vfs} VFs: pyroute2 sends ${2 * vfs}, with a look-up for each`,
        python.trace.sends === 2 * vfs,
        `${python.trace.sends}`,
      );
    }
  }
  const times = (/** @type {string} */ name) => median(rowOf(name, most).samples.map(({ cpuNs }) => cpuNs));
  claims.atLeast(`${most} VFs: CPU time of the model, times ours`, times(MODEL) / times(SAFETY), most / 8);
  claims.close();
}

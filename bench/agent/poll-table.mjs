/**
 * The tables of agent-poll: what a poll cost, and what strace saw of one.
 *
 * Owns their looks. Must never leave out the spread of a time.
 */

import { formatNs, median } from '../lib/samples.mjs';

/** @typedef {{ records: number, messages: number, cpuNs: number, wallNs: number }} Sample of one poll */
/** @typedef {{ vfs: number, contender: { name: string }, samples: readonly Sample[] }} Row */
/** @typedef {{ vfs: number, name: string, trace: import('./netlink-trace.mjs').NetlinkTrace | null }} Traced */

const NAME = 32;
const TIME = 34;

/** @param {readonly Row[]} rows */
export function printPolls(rows) {
  const heads = ['CPU time: median (least to most)', 'wall time: median (least to most)'];
  console.log(
    `VFs   ${'contender'.padEnd(NAME)} records messages ${heads.map((head) => head.padEnd(TIME)).join(' ')} polls`,
  );
  for (const { vfs, contender, samples } of rows) {
    const [sample] = samples;
    if (sample === undefined) continue;
    const times = [samples.map(({ cpuNs }) => cpuNs), samples.map(({ wallNs }) => wallNs)];
    const cells = [
      String(vfs).padEnd(5),
      contender.name.padEnd(NAME),
      String(sample.records).padEnd(7),
      String(sample.messages).padEnd(8),
      ...times.map((ns) => spread(ns).padEnd(TIME)),
      samples.length,
    ];
    console.log(cells.join(' '));
  }
}

/** @param {readonly number[]} ns */
const spread = (ns) =>
  `${formatNs(median(ns)).padEnd(8)} (${formatNs(Math.min(...ns))} to ${formatNs(Math.max(...ns))})`;

/** @param {readonly Traced[]} traces */
export function printTraces(traces) {
  console.log('\none poll as strace sees it\n');
  console.log(`VFs   ${'contender'.padEnd(NAME)} sends  receives  bytes received  stat calls`);
  for (const { vfs, name, trace } of traces) {
    if (trace === null) continue;
    const { sends, receives, received, stats } = trace;
    const cells = [
      String(vfs).padEnd(5),
      name.padEnd(NAME),
      String(sends).padEnd(6),
      String(receives).padEnd(9),
      String(received).padEnd(15),
      stats,
    ];
    console.log(cells.join(' '));
  }
  console.log();
}

/**
 * Enumerates PCI functions side by side: the addon, a plain reader with node:fs, and lspci -D -n.
 *
 *   node bench/enumerate.mjs [--json] [--rounds N]        (after npm run build)
 *
 * Owns the comparison on fake sysfs trees of 256, 1,024 and 4,096 functions in memory, so that every
 * contender reads the same files at the same cost. Real sysfs makes each file dearer and so favours whoever
 * opens fewest; that gain is not claimed here. lspci is a process of its own, whose start is part of it, and
 * tells less: addresses, classes and ids. Fails when the results differ, when the number of system calls a
 * function grows with their number, or when the addon is not at least three times as fast as the plain reader.
 */

import { deepStrictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { addPfsWithVfs, FakeSysfs } from '../test/unit/pci/fake-sysfs.mjs';
import { readPlain } from '../test/unit/pci/plain-reader.mjs';
import { addWhatLspciReads, lspciCommand } from './lib/lspci.mjs';
import { Claims } from './lib/claims.mjs';
import { compare, formatNs, median, quantile, takeTurns } from './lib/samples.mjs';
import { countSystemCalls } from './lib/strace.mjs';

const REQUIRED_RATIO = 3;
/** [PFs, VFs of each]: 256, 1,024 and 4,096 functions. */
const SIZES = /** @type {const} */ ([
  [1, 255],
  [4, 255],
  [16, 255],
]);

/** What users import; built, so that the loading of TypeScript is not part of it. @param {string} module */
const built = (module) => import(new URL(`../dist/pci/${module}.js`, import.meta.url).href);

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    count: { type: 'string' },
  },
});

/** @type {Pick<typeof import('../src/pci/enumerate.ts'), 'enumeratePci' | 'enumeratePciSync'>} */
const { enumeratePci, enumeratePciSync } = await built('enumerate');
/** @type {Pick<typeof import('../src/pci/net-device.ts'), 'classifyPort'>} */
const { classifyPort } = await built('net-device');

if (options.count !== undefined) {
  // What strace runs: one enumeration and nothing else after the start of Node.
  enumeratePciSync({ sysfsRoot: options.count });
  process.exit(0);
}

/** @type {Awaited<ReturnType<typeof measure>>[]} */
const results = [];
for (const [pfs, vfs] of SIZES) results.push(await measure(pfs, vfs, Number(options.rounds)));

if (options.json) console.log(JSON.stringify({ node: process.version, results }, null, 2));
else for (const result of results) print(result);
if (!options.json) claim();

/**
 * @param {number} pfs
 * @param {number} vfsEach
 * @param {number} rounds
 */
async function measure(pfs, vfsEach, rounds) {
  const sysfs = new FakeSysfs(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
  try {
    addPfsWithVfs(sysfs, pfs, vfsEach);
    const sysfsRoot = sysfs.root;
    const plain = readPlain(sysfsRoot, classifyPort);
    deepStrictEqual(await enumeratePci({ sysfsRoot }), plain, 'addon and plain reader must agree');
    addWhatLspciReads(sysfs, plain);
    const lspci = lspciCommand(sysfsRoot, plain.length);

    const samples = await takeTurns(
      [
        { name: 'addon', run: () => timed(() => enumeratePci({ sysfsRoot })) },
        { name: 'addon, sync', run: () => timed(() => enumeratePciSync({ sysfsRoot })) },
        { name: 'plain fs', run: () => timed(() => readPlain(sysfsRoot, classifyPort)) },
        ...(lspci === null ? [] : [{ name: 'lspci -D -n', run: () => timed(lspci) }]),
      ],
      { rounds, warmUp: 1 },
    );
    const addon = samples.get('addon') ?? [];
    return {
      functions: plain.length,
      contenders: [...samples].map(([name, values]) => ({
        name,
        medianNs: median(values),
        lowNs: quantile(values, 0.1),
        highNs: quantile(values, 0.9),
        toAddon: compare(values, addon),
      })),
      systemCalls: systemCalls(sysfsRoot),
    };
  } finally {
    sysfs.destroy();
  }
}

/** @param {() => unknown} work @returns {Promise<number>} nanoseconds */
async function timed(work) {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start);
}

/**
 * System calls of an enumeration: those of a run with it less those of one on an empty tree.
 *
 * @param {string} root
 * @returns {Record<string, number> | null} null without strace
 */
function systemCalls(root) {
  const empty = new FakeSysfs();
  const self = fileURLToPath(import.meta.url);
  const full = countSystemCalls([self, '--count', root]);
  const base = countSystemCalls([self, '--count', empty.root]);
  empty.destroy();
  if (full === null || base === null) return null;
  const calls = ['openat', 'read', 'close', 'readlinkat', 'getdents64'];
  return Object.fromEntries(calls.map((call) => [call, (full.get(call) ?? 0) - (base.get(call) ?? 0)]));
}

/** @param {Record<string, number>} calls @returns {number} */
function sum(calls) {
  return Object.values(calls).reduce((total, count) => total + count, 0);
}

function claim() {
  const claims = new Claims();
  for (const { functions, contenders } of results) {
    const plain = contenders.find(({ name }) => name === 'plain fs');
    claims.atLeast(`${functions} functions: times as fast as fs`, plain?.toAddon.ratio ?? 0, REQUIRED_RATIO);
  }
  const each = results.flatMap(({ functions, systemCalls: calls }) =>
    calls === null ? [] : [sum(calls) / functions],
  );
  // Listing a folder takes one more for each 32 KiB of names.
  const text = `system calls a function: ${each.map((calls) => calls.toFixed(2)).join(', ')}`;
  if (each.length === 0) console.log('not counted without strace: system calls');
  else claims.atMost(`${text}; differing by`, Math.max(...each) - Math.min(...each), 0.05);
  claims.close();
}

/** @param {Awaited<ReturnType<typeof measure>>} result */
function print({ functions, contenders, systemCalls: calls }) {
  console.log(`${functions} functions, ${options.rounds} rounds: median (10th to 90th percentile)`);
  for (const { name, medianNs, lowNs, highNs, toAddon } of contenders) {
    const spread = `(${formatNs(lowNs)} to ${formatNs(highNs)})`;
    const ratio = `${toAddon.ratio.toFixed(2)} (${toAddon.low.toFixed(2)} to ${toAddon.high.toFixed(2)})`;
    console.log(
      `  ${name.padEnd(12)} ${formatNs(medianNs).padStart(8)} ${spread.padEnd(22)}` +
        ` ${formatNs(medianNs / functions).padStart(8)} a function, times the addon's: ${ratio}`,
    );
  }
  if (!contenders.some(({ name }) => name.startsWith('lspci'))) console.log('  lspci: not on this machine');
  if (calls === null) {
    console.log('  system calls: no strace on this machine, or it may not trace here');
    return;
  }
  const list = Object.entries(calls).map(([name, count]) => `${name} ${count}`);
  console.log(
    `  system calls: ${sum(calls)}, ${(sum(calls) / functions).toFixed(3)} a function (${list.join(', ')})`,
  );
}

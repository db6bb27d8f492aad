/**
 * The main job on a netdevsim PF with 64 VFs: a plan is applied, read back and compared, and timed beside
 * `ip -batch`. Runs inside the virtual machine: npm run quickstart
 *
 * Owns the story. The work is done by the `sriov` command and the library, as a user would.
 */

import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { fileURLToPath } from 'node:url';

import { createNetdevsim } from '../../test/kernel/netdevsim.mjs';
import { ipLine, runIpBatch } from '../lib/ip-batch.mjs';
import { formatNs, median, takeTurns } from '../lib/samples.mjs';

/** @type {typeof import('../../src/index.ts')} what users import */
const { PhysicalFunction, VfTable, diffVfs } = await import(
  new URL('../../dist/index.js', import.meta.url).href
);

const inRoot = (/** @type {string} */ file) => fileURLToPath(new URL(`../../${file}`, import.meta.url));
const PLAN = 'examples/plan.yaml';

const device = createNetdevsim();
const pf = PhysicalFunction.open(device.pf);
console.log(
  `\nLinux ${release()}; ${device.pf} is a PF of netdevsim, a driver without hardware, and has no VFs yet.\n`,
);

sriov('apply', PLAN, '--pf', device.pf);
sriov('apply', PLAN, '--pf', device.pf, '--exit-code');

// The plan as plain settings: what has just been read back.
const configs = (await pf.readVfs()).toConfigs();
const want = VfTable.from(configs);
const batch = configs.map((config) => ipLine(device.pf, config)).join('\n');
let messages = 0;
const samples = await takeTurns(
  [
    {
      name: 'sriov',
      run: () => {
        const started = process.hrtime.bigint();
        const report = pf.programVfsSync(configs);
        const took = Number(process.hrtime.bigint() - started);
        if (report.failures.length > 0) throw new Error(report.failures[0]?.message);
        messages = report.messages;
        return took;
      },
    },
    { name: 'ip -batch', run: () => runIpBatch(batch) },
  ],
  { rounds: 5, warmUp: 1 },
);
const differing = diffVfs(want, await pf.readVfs()).length;
if (differing > 0) throw new Error(`${differing} VFs read back differently`);

const [ours = 0, theirs = 0] = [...samples.values()].map(median);
console.log(`\nAll ${configs.length} VFs with all their settings (${want.length} read back, ${differing} differ), median of 5 turns:

  programVfsSync  ${formatNs(ours).padStart(8)}   ${messages} message${messages === 1 ? '' : 's'}
  ip -batch       ${formatNs(theirs).padStart(8)}   ${configs.length} lines, ${(theirs / ours).toFixed(0)} times as long`);
device.remove();

/** @param {string[]} words of a command that must succeed */
function sriov(...words) {
  console.log(`$ sriov ${words.join(' ')}`);
  const { status } = spawnSync(process.execPath, [inRoot('dist/cli/main.js'), ...words], {
    cwd: inRoot('.'),
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`exit status ${status}`);
}

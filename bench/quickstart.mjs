/**
 * `npm run quickstart`: VFs programmed, read back and timed on a real kernel, without a NIC.
 *
 * Owns the steps on this side: the virtual machine, and what to say. guest/quickstart.mjs does the work in it.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const start = performance.now();

const { status, signal } = spawnSync(
  process.execPath,
  ['test/vm/vm.mjs', 'run', '--timeout', '600', '--', process.execPath, 'bench/guest/quickstart.mjs'],
  { cwd: root, stdio: 'inherit' },
);
if (status !== 0) {
  console.error(`quickstart: failed (${signal ?? `exit ${status}`})`);
  process.exit(1);
}
console.log(`
Done in ${((performance.now() - start) / 1000).toFixed(0)} s. The same plan on a NIC of this machine, as root:

  node dist/cli/main.js list                                        which PFs there are
  node dist/cli/main.js apply examples/plan.yaml --pf NAME --dry-run  what would change
  node dist/cli/main.js apply examples/plan.yaml --pf NAME

In the machine again, which starts anew: npm run vm -- COMMAND, or npm run vm for a shell.`);

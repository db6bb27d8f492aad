#!/usr/bin/env node
// @ts-check
/**
 * Proof that the harness does what it says, on a machine of its own: `node test/vm/harness.test.mjs`.
 *
 * Owns the order of the checks, which share machines to save boots. Must never touch the machine that others
 * use, and leaves nothing behind. Times are compared to the machine's own boot only.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MACHINE, stateFolder } from './checks/client.mjs';
import { checkCommands } from './checks/commands.mjs';
import { checkHardware } from './checks/hardware.mjs';
import { checkBoot, checkDeaths, checkEnd, checkSetup } from './checks/life.mjs';
import { Checks } from './checks/runner.mjs';
import { checkShares } from './checks/shares.mjs';
import { endMachine, ensureImage } from './index.mjs';
import { logToStderr } from './progress.mjs';

const checks = new Checks();
const scratch = await mkdtemp(join(tmpdir(), 'sriov-vm-harness-'));
try {
  await ensureImage({ log: logToStderr });
  await checkBoot(checks);
  await checkCommands(checks);
  await checkShares(checks);
  await checkHardware(checks);
  await checkEnd(checks);
  await checkDeaths(checks);
  await checkSetup(checks, scratch);
} finally {
  await endMachine(MACHINE);
  await rm(await stateFolder(), { recursive: true, force: true });
  await rm(scratch, { recursive: true, force: true });
  checks.finish();
}

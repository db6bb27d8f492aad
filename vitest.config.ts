/**
 * The test projects. Owns which files belong to which, and how they are run; scripts/test/stages.mjs owns where.
 *
 *   unit       anywhere, no kernel
 *   contract   here, with the built package: builds, packing, loading
 *   kernel     inside the virtual machine: netdevsim
 *   hardware   inside the virtual machine: QEMU's igb; or on your own machine: your NIC
 */

import { defineConfig } from 'vitest/config';

const minutes = (count: number): number => count * 60_000;

/**
 * Tests that change the state of one kernel: one file after the other, in one thread that is not made anew for
 * each file: the cheapest of vitest's pools to start, and starting costs seconds under emulation. Time limits
 * only end what hangs.
 */
const oneAfterTheOther = {
  pool: 'threads',
  isolate: false,
  fileParallelism: false,
  testTimeout: minutes(3),
  hookTimeout: minutes(3),
} as const;

export default defineConfig({
  test: {
    allowOnly: false,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], pool: 'threads' } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          testTimeout: minutes(3),
          hookTimeout: minutes(3),
        },
      },
      { test: { name: 'kernel', include: ['test/kernel/**/*.test.ts'], ...oneAfterTheOther } },
      { test: { name: 'hardware', include: ['test/hardware/**/*.test.ts'], ...oneAfterTheOther } },
    ],
  },
});

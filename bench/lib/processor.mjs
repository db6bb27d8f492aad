/** What a benchmark must know of the processor that it runs on. */

import { readFileSync } from 'node:fs';

/** Whether it is QEMU's software emulation (target/i386/cpu.c names it so). @returns {boolean} */
export const isEmulated = () => readFileSync('/proc/cpuinfo', 'utf8').includes('QEMU TCG CPU');

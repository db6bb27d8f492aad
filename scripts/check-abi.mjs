/**
 * `node scripts/check-abi.mjs FILE...`: fails unless each addon loads wherever Node 20 does.
 *
 * Owns the command line only; the rules are in lib/abi.mjs. The processor is taken from a directory name such
 * as linux-arm64, where there is one.
 */

import { abiViolations, glibcNeeded } from './lib/abi.mjs';
import { readElf } from './lib/elf.mjs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: node scripts/check-abi.mjs FILE...');
  process.exit(64);
}

for (const file of files) {
  const facts = readElf(file);
  const violations = abiViolations(facts, /\blinux-(\w+)\//.exec(file)?.[1]);
  if (violations.length > 0) {
    process.exitCode = 1;
    console.error(
      `${file} would not load on every system:\n${violations.map((line) => `  ${line}`).join('\n')}`,
    );
  } else {
    console.log(
      `${file}: ${facts.machine}, needs ${facts.needed.join(' ')} with glibc ${glibcNeeded(facts)} or later`,
    );
  }
}

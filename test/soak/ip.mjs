/** iproute2: what happens behind the agent's back is done by a program that is not ours. */
import { execFileSync } from 'node:child_process';

/** @param {string} line words after `ip` */
export function ip(line) {
  return execFileSync('ip', line.split(' '), { encoding: 'utf8' });
}

/** Many lines by one process. @param {readonly string[]} lines */
export function ipBatch(lines) {
  if (lines.length > 0)
    execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' });
}

// @ts-check
/**
 * The caller's terminal and signals, for a command in the guest.
 *
 * Owns raw mode and the signal handlers of this process, and puts back both.
 */

import { constants } from 'node:os';

/** @typedef {import("./run.mjs").Control} Control */

const FORWARDED = /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/** The first interrupts ask, one kills the command, the next ends a machine that does not answer. */
const INTERRUPTS_TO_KILL = 3;
const INTERRUPTS_TO_LEAVE = 4;

/**
 * Hands this process's signals to the command, which decides whether it ends. Before there is a command they
 * end this process, and with it a machine that is booting.
 * @returns {{ onStart: (control: Control) => void }}
 */
export function forwardSignals() {
  /** @type {Control | null} */
  let control = null;
  let interrupts = 0;
  for (const name of FORWARDED) {
    process.on(name, () => {
      if (name === 'SIGINT') interrupts += 1;
      if (control === null || interrupts >= INTERRUPTS_TO_LEAVE) process.exit(128 + constants.signals[name]);
      control.signal(name === 'SIGINT' && interrupts >= INTERRUPTS_TO_KILL ? 'SIGKILL' : name);
    });
  }
  return {
    onStart: (started) => {
      control = started;
    },
  };
}

/**
 * Puts the terminal into raw mode, so that every key reaches the guest's terminal, Ctrl-C included.
 * @returns {{ size: { rows: number, columns: number }, onStart: (control: Control) => void, detach: () => void }}
 */
export function attachTerminal() {
  const size = () => ({ rows: process.stdout.rows ?? 24, columns: process.stdout.columns ?? 80 });
  /** @type {Control | null} */
  let control = null;
  const resized = () => control?.resize(size());
  process.stdout.on('resize', resized);
  if (process.stdin.isTTY) process.stdin.setRawMode(true);
  return {
    size: size(),
    onStart: (started) => (control = started),
    detach: () => {
      process.stdout.off('resize', resized);
      if (process.stdin.isTTY) process.stdin.setRawMode(false);
    },
  };
}

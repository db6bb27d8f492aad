// @ts-check
/**
 * One command in the guest, from the caller's streams to its exit status.
 *
 * Owns the flow of input (no more than the guest has room for), of output (no more than the caller
 * takes), the timeout's steps, and the environment that a command gets. Must never lose a byte of
 * either stream, whatever is in it.
 */

import { constants } from 'node:os';
import { DATA_MAX, SCOPE_EVERYTHING, SCOPE_GROUP, STDIN_WINDOW } from './frames.mjs';

/** @typedef {import("./session.mjs").Session} Session */

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd] the checkout if absent
 * @property {Record<string, string>} [env] added to PATH, HOME, LANG, TERM and the ones that colour depends on
 * @property {number} [timeoutMs] after which the command is killed; 0 or absent: never
 * @property {import("node:stream").Writable} [stdout] absent: kept and returned
 * @property {import("node:stream").Writable} [stderr] absent: kept and returned
 * @property {import("node:stream").Readable | string | Buffer} [stdin] absent: empty
 * @property {{ rows: number, columns: number }} [tty] gives the command a terminal of that size; then all output is stdout
 * @property {(control: Control) => void} [onStart] receives the means to signal the running command
 */

/**
 * @typedef {object} Control
 * @property {(name: NodeJS.Signals) => void} signal to the command's process group
 * @property {(size: { rows: number, columns: number }) => void} resize the terminal
 */

/**
 * @typedef {object} RunResult
 * @property {number} status exit status; 128 + signal; 124 on timeout; 126 or 127 if it could not be run
 * @property {boolean} timedOut
 * @property {Buffer} stdout empty if it went to a stream
 * @property {Buffer} stderr
 */

/** `timeout` of coreutils says so too. */
export const TIMED_OUT = 124;
/** From SIGTERM to the killing of everything, and from there to the killing of the machine. */
const TERM_GRACE_MS = 2_000;
const KILL_GRACE_MS = 10_000;

/** Variables of the caller that a command in the guest gets as well. */
const PASSED = ['CI', 'FORCE_COLOR', 'NO_COLOR', 'TERM', 'LANG', 'LC_ALL', 'COLORTERM'];

/** @returns {Record<string, string>} */
function baseEnvironment() {
  /** @type {Record<string, string>} */
  const env = {
    // The last part holds modprobe, for hosts that have none.
    PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin:/run/sriov-vm/bin`,
    HOME: process.env.HOME ?? '/root',
    SRIOV_VM: '1',
  };
  for (const key of PASSED) if (process.env[key] !== undefined) env[key] = String(process.env[key]);
  return env;
}

/**
 * @param {object} machine
 * @param {Session} machine.session
 * @param {string} machine.checkout
 * @param {() => void} machine.kill ends QEMU at once
 * @param {import("./progress.mjs").Log} machine.log
 * @param {string[]} argv
 * @param {RunOptions} options
 * @returns {Promise<RunResult>}
 * @throws {import("./errors.mjs").VmError} GUEST_DIED, unless a timeout killed the machine
 */
export async function runCommand({ session, checkout, kill, log }, argv, options) {
  const out = sink(session, options.stdout);
  const err = sink(session, options.stderr);
  const input = new Input(session, options.stdin);
  const command = {
    argv,
    cwd: options.cwd ?? checkout,
    env: { ...baseEnvironment(), ...options.env },
    tty: options.tty ?? null,
  };
  const ended = session.run(command, {
    stdout: out.write,
    stderr: err.write,
    taken: (count) => input.taken(count),
  });
  options.onStart?.({
    signal: (name) => session.signal(constants.signals[name], SCOPE_GROUP),
    resize: (size) => session.window(size),
  });
  input.start();
  const deadline = new Deadline({ session, kill, log, timeoutMs: options.timeoutMs ?? 0 });
  let status;
  try {
    status = await ended;
  } catch (error) {
    if (!deadline.passed) throw error;
  } finally {
    deadline.cancel();
    input.stop();
  }
  await Promise.all([out.drained(), err.drained()]);
  return {
    status: deadline.passed ? TIMED_OUT : /** @type {number} */ (status),
    timedOut: deadline.passed,
    stdout: out.kept(),
    stderr: err.kept(),
  };
}

/**
 * @param {Session} session
 * @param {import("node:stream").Writable | undefined} stream
 */
function sink(session, stream) {
  /** @type {Buffer[]} */
  const kept = [];
  let full = false;
  let closed = false;
  /** @type {() => void} */
  let onDrain = () => {};
  // A reader that went away (EPIPE) is no fault of the command: the rest is dropped.
  stream?.once('error', () => {
    closed = true;
    onDrain();
  });
  return {
    /** @param {Buffer} bytes */
    write(bytes) {
      if (!stream) kept.push(Buffer.from(bytes));
      else if (!closed && !stream.write(bytes) && !full) {
        full = true;
        session.pause();
        onDrain = () => {
          full = false;
          session.resume();
        };
        stream.once('drain', () => onDrain());
      }
    },
    /** @returns {Promise<void>} when the stream has taken all */
    async drained() {
      if (!stream || closed) return;
      await new Promise((resolve) => stream.write('', () => resolve(undefined)));
    },
    kept: () => Buffer.concat(kept),
  };
}

/** Sends the caller's input, within the window that the guest has room for. */
class Input {
  #session;
  #stream;
  /** @type {Buffer[]} */
  #waiting = [];
  #room = STDIN_WINDOW;
  #ended = false;
  #stopped = false;

  /**
   * @param {Session} session
   * @param {RunOptions["stdin"]} source
   */
  constructor(session, source) {
    this.#session = session;
    this.#stream = typeof source === 'object' && !Buffer.isBuffer(source) ? source : null;
    if (typeof source === 'string' || Buffer.isBuffer(source)) this.#waiting.push(Buffer.from(source));
    if (!this.#stream) this.#ended = true;
  }

  start() {
    this.#stream?.on('data', this.#onData).on('end', this.#onEnd);
    this.#pump();
  }

  stop() {
    this.#stopped = true;
    this.#stream?.off('data', this.#onData).off('end', this.#onEnd).pause();
  }

  /** @param {number} count */
  taken(count) {
    this.#room += count;
    this.#pump();
  }

  #onData = (/** @type {Buffer | string} */ chunk) => {
    this.#waiting.push(Buffer.from(chunk));
    this.#stream?.pause();
    this.#pump();
  };

  #onEnd = () => {
    this.#ended = true;
    this.#pump();
  };

  #pump() {
    while (!this.#stopped && this.#waiting.length > 0 && this.#room > 0) {
      const bytes = this.#waiting.shift() ?? Buffer.alloc(0);
      const size = Math.min(bytes.length, this.#room, DATA_MAX);
      if (size > 0) this.#session.input(bytes.subarray(0, size));
      this.#room -= size;
      if (size < bytes.length) this.#waiting.unshift(bytes.subarray(size));
    }
    if (this.#stopped || this.#waiting.length > 0) return;
    if (this.#ended) {
      this.#session.input(Buffer.alloc(0));
      this.#stopped = true;
    } else {
      this.#stream?.resume();
    }
  }
}

/** The steps of a timeout: SIGTERM, SIGKILL to all, the end of the machine. */
class Deadline {
  passed = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {{ session: Session, kill: () => void, log: import("./progress.mjs").Log, timeoutMs: number }} options */
  constructor({ session, kill, log, timeoutMs }) {
    if (!(timeoutMs > 0)) return;
    const after = (/** @type {number} */ ms, /** @type {() => void} */ body) =>
      (this.#timer = setTimeout(body, ms));
    after(timeoutMs, () => {
      this.passed = true;
      log(`timed out after ${timeoutMs / 1000} s: ending the command`);
      session.signal(constants.signals.SIGTERM, SCOPE_GROUP);
      after(TERM_GRACE_MS, () => {
        session.signal(constants.signals.SIGKILL, SCOPE_EVERYTHING);
        after(KILL_GRACE_MS, () => {
          log('the guest does not answer: ending the machine');
          kill();
        });
      });
    });
  }

  cancel() {
    clearTimeout(this.#timer);
  }
}

// @ts-check
/**
 * One conversation with the guest's agent: connect, greet, run commands one after another.
 *
 * Owns the connection to QEMU's socket. Must never outlive it silently: when the connection ends
 * while a command runs, the command ends with an error.
 */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { VmError } from './errors.mjs';
import { FrameReader, NONCE_SIZE, encodeFrame, encodeStart, u32, windowSize } from './frames.mjs';

/**
 * @typedef {object} Handlers what becomes of the running command's frames
 * @property {(bytes: Buffer) => void} stdout
 * @property {(bytes: Buffer) => void} stderr
 * @property {(count: number) => void} taken input that the command has taken
 */

/** A hello that came just when the guest saw the last session's end is lost, so it is said again. */
const HELLO_AGAIN_MS = 100;

export class Session {
  #socket;
  #reader;
  /** @type {Handlers | null} */
  #handlers = null;
  /** @type {((outcome: number | VmError) => void) | null} */
  #settle = null;
  /** @type {VmError | null} */
  #broken = null;
  /** @type {(answered: boolean) => void} */
  #greeted = () => {};
  /** @type {Promise<boolean>} whether the guest has answered, or never will */
  #greeting = new Promise((resolve) => (this.#greeted = resolve));

  /**
   * @param {import("node:net").Socket} socket
   * @param {Buffer} hello
   */
  constructor(socket, hello) {
    this.#socket = socket;
    this.#reader = new FrameReader(hello);
    socket.on('data', (/** @type {Buffer} */ chunk) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#fail(new VmError('GUEST_DIED', 'the machine ended')));
  }

  /**
   * Connects and greets.
   * @param {{ socket: string, token: string, deadlineMs: number }} options `token` hexadecimal
   * @returns {Promise<Session | null>} null if nobody listens, or nobody answers before the deadline
   */
  static async open({ socket: path, token, deadlineMs }) {
    const socket = connect(path);
    try {
      await once(socket, 'connect');
    } catch {
      return null;
    }
    const hello = Buffer.concat([Buffer.from(token, 'hex'), randomBytes(NONCE_SIZE)]);
    const session = new Session(socket, hello);
    socket.write(hello);
    const again = setInterval(() => socket.write(hello), HELLO_AGAIN_MS);
    const deadline = setTimeout(() => socket.destroy(), deadlineMs);
    const answered = await session.#greeting;
    clearInterval(again);
    clearTimeout(deadline);
    return answered ? session : null;
  }

  /**
   * Runs a command to its end.
   * @param {Parameters<typeof encodeStart>[0]} command
   * @param {Handlers} handlers
   * @returns {Promise<number>} its exit status, 128 + signal if one killed it
   * @throws {VmError} GUEST_DIED or PROTOCOL
   */
  run(command, handlers) {
    if (this.#broken) return Promise.reject(this.#broken);
    if (this.#settle) throw new VmError('USAGE', 'a command is running already');
    const frame = encodeStart(command);
    return new Promise((resolve, reject) => {
      this.#handlers = handlers;
      this.#settle = (outcome) => {
        this.#settle = this.#handlers = null;
        if (typeof outcome === 'number') resolve(outcome);
        else reject(outcome);
      };
      this.#socket.write(frame);
    });
  }

  /** @param {Buffer} bytes at most DATA_MAX; none for end of file */
  input(bytes) {
    this.#socket.write(encodeFrame('I', bytes));
  }

  /** @param {number} number @param {number} scope SCOPE_GROUP or SCOPE_EVERYTHING */
  signal(number, scope) {
    this.#socket.write(encodeFrame('K', u32(number, scope)));
  }

  /** @param {{ rows: number, columns: number }} size */
  window(size) {
    this.#socket.write(encodeFrame('W', windowSize(size)));
  }

  powerOff() {
    this.#socket.write(encodeFrame('Q'));
  }

  /** Holds back the guest's output, until `resume`. */
  pause() {
    this.#socket.pause();
  }

  resume() {
    this.#socket.resume();
  }

  /** Ends the session; the agent kills what still runs in it. */
  close() {
    this.#socket.destroy();
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    try {
      for (const { type, payload } of this.#reader.push(chunk)) {
        if (type === 'O') this.#handlers?.stdout(payload);
        else if (type === 'E') this.#handlers?.stderr(payload);
        else if (type === 'A') this.#handlers?.taken(payload.readUInt32LE(0));
        else this.#settle?.(payload.readUInt32LE(0));
      }
      if (this.#reader.greeted) this.#greeted(true);
    } catch (error) {
      this.#fail(error instanceof VmError ? error : new VmError('PROTOCOL', String(error), { cause: error }));
      this.#socket.destroy();
    }
  }

  /** @param {VmError} error */
  #fail(error) {
    this.#broken ??= error;
    this.#greeted(false);
    this.#settle?.(error);
  }
}

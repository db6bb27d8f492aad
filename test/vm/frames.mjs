// @ts-check
/**
 * The host's side of agent/protocol.h: bytes to frames and back.
 *
 * Owns the same numbers as that file. Must never do I/O.
 */

import { VmError } from './errors.mjs';

export const TOKEN_SIZE = 16;
export const NONCE_SIZE = 8;
const HELLO_SIZE = TOKEN_SIZE + NONCE_SIZE;
const HEADER_SIZE = 8;
const PAYLOAD_MAX = 1 << 21;

export const DATA_MAX = 32 * 1024 - HEADER_SIZE;
export const STDIN_WINDOW = 256 * 1024;

/** Scope of a signal: the command's process group, or every process of the guest but the agent. */
export const SCOPE_GROUP = 0;
export const SCOPE_EVERYTHING = 1;

/**
 * @typedef {"S" | "I" | "K" | "W" | "Q" | "O" | "E" | "A" | "X"} FrameType
 * @typedef {{ type: string, payload: Buffer }} Frame
 */

/**
 * @param {FrameType} type
 * @param {Buffer} [payload]
 * @returns {Buffer}
 */
export function encodeFrame(type, payload = Buffer.alloc(0)) {
  const header = Buffer.alloc(HEADER_SIZE);
  header.write(type, 0, 'latin1');
  header.writeUInt32LE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/**
 * @param {...number} values unsigned, 32 bits each
 * @returns {Buffer}
 */
export function u32(...values) {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

/**
 * @param {{ rows: number, columns: number }} size of a terminal
 * @returns {Buffer}
 */
export function windowSize({ rows, columns }) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt16LE(rows, 0);
  bytes.writeUInt16LE(columns, 2);
  return bytes;
}

/**
 * @param {{ argv: string[], cwd: string, env: Record<string, string>, tty: { rows: number, columns: number } | null }} command
 * @returns {Buffer} the start frame
 * @throws {VmError} USAGE if it holds a NUL, is empty, or is longer than execve could take
 */
export function encodeStart({ argv, cwd, env, tty }) {
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const strings = [cwd, ...argv, ...variables];
  if (argv.length === 0) throw new VmError('USAGE', 'no command given');
  if (strings.some((text) => text.includes('\0')))
    throw new VmError('USAGE', "a command can't hold a NUL byte");
  const payload = Buffer.concat([
    u32(tty ? 1 : 0),
    windowSize(tty ?? { rows: 0, columns: 0 }),
    u32(argv.length, variables.length),
    Buffer.from(strings.map((text) => `${text}\0`).join('')),
  ]);
  if (payload.length > PAYLOAD_MAX)
    throw new VmError('USAGE', 'the command with its environment is over 2 MiB');
  return encodeFrame('S', payload);
}

/** Turns what comes from the port into frames, once the guest has answered this session's hello. */
export class FrameReader {
  #hello;
  #greeted = false;
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /** @param {Buffer} hello token and nonce */
  constructor(hello) {
    this.#hello = hello;
  }

  /** Whether the guest has answered. */
  get greeted() {
    return this.#greeted;
  }

  /**
   * @param {Buffer} chunk
   * @returns {Frame[]} those that are complete now
   * @throws {VmError} PROTOCOL
   */
  push(chunk) {
    let bytes = this.#rest.length ? Buffer.concat([this.#rest, chunk]) : chunk;
    if (!this.#greeted) {
      const at = bytes.indexOf(this.#hello);
      if (at < 0) {
        this.#rest = bytes.subarray(-(HELLO_SIZE - 1));
        return [];
      }
      this.#greeted = true;
      bytes = bytes.subarray(at + HELLO_SIZE);
    }
    // A hello that was sent twice is answered twice, always before the first frame.
    while (bytes.length >= HELLO_SIZE && bytes.indexOf(this.#hello) === 0) {
      bytes = bytes.subarray(HELLO_SIZE);
    }
    if (bytes.length > 0 && bytes.length < HELLO_SIZE && this.#hello.indexOf(bytes) === 0) {
      this.#rest = bytes;
      return [];
    }
    /** @type {Frame[]} */
    const frames = [];
    let at = 0;
    while (bytes.length - at >= HEADER_SIZE) {
      const length = bytes.readUInt32LE(at + 4);
      const type = String.fromCharCode(bytes.readUInt8(at));
      if (!'OEAX'.includes(type) || length > PAYLOAD_MAX) {
        throw new VmError('PROTOCOL', `the guest sent a frame of type ${bytes[at]} and length ${length}`);
      }
      if (bytes.length - at < HEADER_SIZE + length) break;
      frames.push({ type, payload: bytes.subarray(at + HEADER_SIZE, at + HEADER_SIZE + length) });
      at += HEADER_SIZE + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

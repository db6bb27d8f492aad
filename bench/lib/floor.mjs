/**
 * The plain C program beside which programming is measured (bench/floor/): what the addon sends is recorded, and
 * the program sends the same bytes without having to think.
 *
 * Owns the compiling, the recording and the program's process.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const source = (/** @type {string} */ name) => fileURLToPath(new URL(`../floor/${name}`, import.meta.url));

// include/uapi/linux/netlink.h
const NLM_F_ACK = 4;
const NLMSG_HEADER_BYTES = 16;

/**
 * @typedef {object} Floor
 * @property {number} sends
 * @property {number} messages
 * @property {number} bytes
 * @property {() => Promise<number>} run nanoseconds
 * @property {() => void} close
 */

/**
 * @param {readonly string[]} argv a program that sets the same thing twice; what it sends the second time counts,
 *   when it knows what a setting costs
 * @returns {Promise<Floor>}
 */
export async function startFloor(argv) {
  const directory = mkdtempSync(path.join(tmpdir(), 'sriov-floor-'));
  const made = (/** @type {string} */ name) => path.join(directory, name);
  execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', made('record.so'), source('record.c')]);
  execFileSync('gcc', ['-O2', '-Wall', '-o', made('floor'), source('floor.c')]);
  const [program = '', ...args] = argv;
  const env = { ...process.env, LD_PRELOAD: made('record.so'), RECORD: made('recorded') };
  execFileSync(program, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const requests = splitRequests(readFileSync(made('recorded')));
  const sends = requests.at(-1);
  if (requests.length !== 2 || sends === undefined) {
    throw new Error(`${requests.length} requests were recorded, not 2`);
  }
  writeFileSync(made('request'), Buffer.concat(sends.flatMap((send) => [u32(send.length), send])));

  const child = spawn(made('floor'), [made('request')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    sends: sends.length,
    messages: sends.flatMap(messagesOf).length,
    bytes: sends.reduce((sum, { length }) => sum + length, 0),
    run: async () => {
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      if (done === true) throw new Error('the floor program ended');
      return Number(value);
    },
    close: () => {
      child.stdin.end();
      rmSync(directory, { recursive: true });
    },
  };
}

/** @param {number} value */
function u32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * A request ends with the message that asks for an acknowledgement.
 * @param {Buffer} recorded
 * @returns {Buffer[][]} for each request its sends
 */
function splitRequests(recorded) {
  /** @type {Buffer[][]} */
  const requests = [[]];
  for (let at = 0; at < recorded.length;) {
    const length = recorded.readUInt32LE(at);
    const send = recorded.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    requests.at(-1)?.push(send);
    if (messagesOf(send).some((message) => (message.readUInt16LE(6) & NLM_F_ACK) !== 0)) requests.push([]);
  }
  return requests.filter((sends) => sends.length > 0);
}

/** @param {Buffer} send @returns {Buffer[]} */
function messagesOf(send) {
  const messages = [];
  for (let at = 0; at + NLMSG_HEADER_BYTES <= send.length;) {
    const length = send.readUInt32LE(at);
    messages.push(send.subarray(at, at + length));
    at += (length + 3) & ~3;
  }
  return messages;
}

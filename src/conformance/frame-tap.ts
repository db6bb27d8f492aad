/**
 * Sending and receiving of test frames on one net device.
 *
 * Owns the frames' form: a local experimental EtherType (88B5h, IEEE 802), so that no host answers them, and a
 * number by which each is known again. Never touches frames of others.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { addon } from '../addon.ts';
import { errnoName } from '../errno.ts';
import { KernelError, RefusedError } from '../errors.ts';
import { formatBytes, parseBytes } from '../vf/address.ts';
import type { NativeFrameSocket } from './frame-native.ts';

/** IEEE 802 Local Experimental EtherType 1. */
const ETHERTYPE = 0x88b5;
/** After the EtherType, so that frames of others with the same type are told apart. */
const MAGIC = 'sriov';
const HEADER = 14;
/** The least length of a frame without its checksum (IEEE 802.3). */
const LEAST = 60;

/** VLAN tag of a frame. */
export interface Tag {
  readonly id: number;
  readonly qos: number;
  /** 0x8100 or 0x88a8. */
  readonly tpid: number;
}

export interface TestFrame {
  readonly destination: string;
  readonly source: string;
  /** Absent = untagged. */
  readonly tag?: Tag;
  /** Knows this frame again; 0 to 65535. */
  readonly number: number;
}

/** One net device, as it is now. */
export interface TapDevice {
  readonly name: string;
  readonly mac: string;
}

/** A packet socket on a net device, which must be up. Needs CAP_NET_RAW. */
export class FrameTap {
  readonly name: string;
  readonly #socket: NativeFrameSocket;
  readonly #buffer = new Uint8Array(2048);

  /**
   * @param promiscuous - also receive what is for others; a VF without trust does not get it anyway
   * @throws KernelError - `EPERM`: CAP_NET_RAW; `ENETDOWN`
   * @throws RefusedError - there is no such net device here
   */
  constructor(name: string, promiscuous: boolean) {
    const index = Number(readNetFile(name, 'ifindex'));
    this.name = name;
    this.#socket = new (addon().FrameSocket)();
    this.#check(this.#socket.open(index, promiscuous), 'cannot receive frames');
  }

  send(frame: TestFrame): void {
    this.#check(this.#socket.send(encodeFrame(frame)), 'cannot send a frame');
  }

  /** Takes test frames as they come until `enough` says so or the time is over. */
  async collect(timeoutMs: number, enough: (frames: readonly TestFrame[]) => boolean): Promise<TestFrame[]> {
    const end = performance.now() + timeoutMs;
    const frames: TestFrame[] = [];
    for (;;) {
      this.#drain(frames);
      if (enough(frames) || performance.now() >= end) return frames;
      await sleep(2);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #drain(frames: TestFrame[]): void {
    for (;;) {
      const received = this.#socket.receive(this.#buffer);
      if (received === undefined) return;
      if (typeof received === 'number') {
        this.#check(received, 'cannot receive frames');
        return;
      }
      const [length, tci, tpid] = received;
      const frame = decodeFrame(this.#buffer.subarray(0, length), tci, tpid);
      if (frame !== undefined) frames.push(frame);
    }
  }

  #check(outcome: number, what: string): void {
    if (outcome >= 0) return;
    const code = errnoName(-outcome);
    const why =
      code === 'EPERM'
        ? 'this needs CAP_NET_RAW'
        : code === 'ENETDOWN'
          ? 'the device is down'
          : 'see the kernel log';
    throw new KernelError(code, `${this.name}: ${what}: ${code}: ${why}`, { errno: outcome });
  }
}

/** MAC of a net device. */
export function netDeviceMac(name: string): string {
  return readNetFile(name, 'address');
}

function readNetFile(name: string, file: string): string {
  try {
    return readFileSync(`/sys/class/net/${name}/${file}`, 'utf8').trim();
  } catch (error) {
    throw new RefusedError(`${name}: sysfs shows no such net device (${String(error)})`);
  }
}

/** @internal */
export function encodeFrame({ destination, source, tag, number }: TestFrame): Uint8Array {
  const start = HEADER + (tag === undefined ? 0 : 4);
  const bytes = Buffer.alloc(Math.max(LEAST, start + MAGIC.length + 2));
  if (!parseBytes(destination, 6, bytes, 0) || !parseBytes(source, 6, bytes, 6)) {
    throw new RefusedError(`no MAC addresses: ${destination}, ${source}`);
  }
  if (tag !== undefined) {
    bytes.writeUInt16BE(tag.tpid, 12);
    bytes.writeUInt16BE((tag.qos << 13) | tag.id, 14);
  }
  bytes.writeUInt16BE(ETHERTYPE, start - 2);
  bytes.write(MAGIC, start, 'latin1');
  bytes.writeUInt16BE(number, start + MAGIC.length);
  return bytes;
}

/** @internal Undefined for a frame of others. `tci` is -1 without a tag. */
export function decodeFrame(frame: Uint8Array, tci: number, tpid: number): TestFrame | undefined {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
  let start = HEADER;
  let tag: Tag | undefined = tci < 0 ? undefined : { id: tci & 0xfff, qos: tci >> 13, tpid };
  if (bytes.length < LEAST - 4) return undefined;
  // A second tag, or one that the kernel did not take out, is still in the frame.
  const type = bytes.readUInt16BE(12);
  if (tag === undefined && (type === 0x8100 || type === 0x88a8)) {
    const inner = bytes.readUInt16BE(14);
    tag = { id: inner & 0xfff, qos: inner >> 13, tpid: type };
    start += 4;
  }
  if (bytes.readUInt16BE(start - 2) !== ETHERTYPE) return undefined;
  if (bytes.toString('latin1', start, start + MAGIC.length) !== MAGIC) return undefined;
  return {
    destination: formatBytes(bytes, 0, 6),
    source: formatBytes(bytes, 6, 6),
    ...(tag === undefined ? {} : { tag }),
    number: bytes.readUInt16BE(start + MAGIC.length),
  };
}

/**
 * Where lines of the log go: a file descriptor, without ever being in the way of the work.
 *
 * Owns what becomes of a line that can't be written. It writes at once, so that the last line before an end is there,
 * and must never throw, block for a reader that is stuck, or keep more than one line.
 */
import { writeSync } from 'node:fs';

/** Takes whole lines, each with its line break. */
export interface LogOutput {
  write(line: string): unknown;
}

/** Writes what it can of some bytes and says how many. */
export type WriteBytes = (bytes: Uint8Array) => number;

/**
 * Lines to a file descriptor.
 *
 * A pipe whose reader is stuck (EAGAIN), a disk that is full (ENOSPC) and a reader that is gone (EPIPE) cost lines and
 * nothing else. As soon as there is room again, a line says how many are missing.
 */
export class DescriptorOutput implements LogOutput {
  readonly #write: WriteBytes;
  /** Of a line of which the beginning is written: it must be ended before the next. */
  #rest: Uint8Array | undefined;
  #lost = 0;
  readonly #lossLine: (lost: number) => string;

  /** @param lossLine - the line that says that so many lines are missing */
  constructor(write: WriteBytes, lossLine: (lost: number) => string) {
    this.#write = write;
    this.#lossLine = lossLine;
  }

  write(line: string): void {
    if (!this.#drain()) {
      this.#lost++;
      return;
    }
    // In one piece with the line, or the last of the room would be spent on telling of what found none.
    const text = this.#lost === 0 ? line : this.#lossLine(this.#lost) + line;
    if (this.#put(text)) this.#lost = 0;
    else this.#lost++;
  }

  /** @returns whether nothing is left of the line before */
  #drain(): boolean {
    if (this.#rest !== undefined) this.#send(this.#rest);
    return this.#rest === undefined;
  }

  /** @returns false = not a byte was written */
  #put(line: string): boolean {
    if (this.#send(Buffer.from(line)) > 0) return true;
    this.#rest = undefined;
    return false;
  }

  #send(bytes: Uint8Array): number {
    let at = 0;
    try {
      while (at < bytes.length) {
        const written = this.#write(bytes.subarray(at));
        if (written === 0) break;
        at += written;
      }
    } catch {
      // There is no one to tell: this is where one would be told.
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined;
    return at;
  }
}

/** @param fd - 2 = standard error */
export function descriptorWriter(fd: number): WriteBytes {
  return (bytes) => writeSync(fd, bytes);
}

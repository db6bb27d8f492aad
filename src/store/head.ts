/**
 * Looks at a database file before LMDB does, whose library kills the process when opening fails.
 *
 * Owns the checks that can be made from outside: the two meta pages (lmdb's mdb.c, MDB_page and MDB_meta, data
 * version 2, 64 bits), and that a new store has room. It never writes to the database.
 */
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { damaged } from './failure.ts';

const MAGIC = 0xbeefc0de;
const META = { magic: 24, pageSize: 48, freeRoot: 88, mainRoot: 136, end: 168 } as const;
/** Root of a tree without pages. */
const NO_PAGE = 2n ** 64n - 1n;
/** More than LMDB writes to make a database. */
const ROOM = 64 << 10;

/** @throws StoreError - the file is no database, or cut off; ENOSPC, EIO and the like for a new one */
export function checkHead(directory: string, file: string): void {
  const fd = openSync(join(directory, file), 'r');
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return probeRoom(directory);
    // Written in the order of the processor's bytes; elsewhere LMDB is on its own.
    if (endianness() !== 'LE') return;
    const first = readAt(fd, 0);
    const pageSize = first.readUInt32LE(META.pageSize);
    const pages = [first, readAt(fd, pageSize)];
    if (pages.some((page) => page.readUInt32LE(META.magic) !== MAGIC)) {
      throw damaged(directory, `${file} is no LMDB database`);
    }
    // Reading behind the end of the file would end the process (SIGBUS).
    for (const page of pages) {
      for (const at of [META.freeRoot, META.mainRoot]) {
        const root = page.readBigUInt64LE(at);
        if (root !== NO_PAGE && (root + 1n) * BigInt(pageSize) > BigInt(size)) {
          throw damaged(directory, `${file} is cut off at ${size} bytes`);
        }
      }
    }
  } finally {
    closeSync(fd);
  }
}

function readAt(fd: number, position: number): Buffer {
  const page = Buffer.alloc(META.end);
  readSync(fd, page, 0, page.length, position);
  return page;
}

function probeRoom(directory: string): void {
  const path = join(directory, `room.${process.pid}`);
  const fd = openSync(path, 'w', 0o600);
  try {
    writeSync(fd, Buffer.alloc(ROOM));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
}

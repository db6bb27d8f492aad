/**
 * Where the store lies, and who may touch it.
 *
 * Owns the directory and the modes of its files. What is in them is the database's.
 */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  statSync,
  type Stats,
} from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { StoreError } from './errors.ts';
import { toStoreError } from './failure.ts';
import { checkHead } from './head.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** Write permission of group and others. */
const SHARED_WRITE = 0o022;

/** LMDB's own names. */
export const DATA_FILE = 'data.mdb';
const FILES: readonly string[] = [DATA_FILE, 'lock.mdb'];

/**
 * `$SRIOV_STORE`; else for root `/var/lib/sriov/store`; else `sriov` below `$XDG_STATE_HOME`, or below
 * `~/.local/state` (XDG Base Directory Specification: a relative path counts as unset).
 */
export function defaultStorePath(
  env: Readonly<Record<string, string | undefined>> = process.env,
  uid: number | undefined = process.geteuid?.(),
): string {
  const asked = env['SRIOV_STORE'];
  if (asked !== undefined && asked !== '') return resolve(asked);
  if (uid === 0) return '/var/lib/sriov/store';
  const state = env['XDG_STATE_HOME'];
  return join(state?.startsWith('/') ? state : join(homedir(), '.local/state'), 'sriov');
}

/**
 * Makes the directory and its files ready for their owner alone, whatever the umask.
 *
 * @param create - false: a store must be there
 * @returns the directory's real path
 * @throws StoreError - ENOENT, the errno of the file system, or `SRIOV_STORE`: another user owns it or may write
 */
export function prepareLocation(path: string, create: boolean): string {
  try {
    if (create) makeDirectory(path);
    const directory = realpathSync(path);
    refuseShared(directory, lstatSync(directory), 'directory');
    for (const name of FILES) prepareFile(join(directory, name), create || name !== DATA_FILE);
    checkHead(directory, DATA_FILE);
    return directory;
  } catch (error) {
    throw toStoreError(error, path, 'open');
  }
}

/** Which file the data is in now. */
export function fileId(directory: string): string {
  const { dev, ino } = statSync(join(directory, DATA_FILE));
  return `${dev}:${ino}`;
}

function makeDirectory(path: string): void {
  // Parents are not ours: they keep the umask's mode. A directory that was there is judged, never changed.
  if (mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE }) !== undefined)
    chmodSync(path, DIRECTORY_MODE);
}

function prepareFile(path: string, create: boolean): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    if (!create) throw Object.assign(new Error('there is no store'), { code: 'ENOENT' });
    makeFile(path);
  }
  refuseShared(path, found ?? lstatSync(path), 'file');
}

/** LMDB takes an empty file for a new store; made by itself, the files would be readable for all (0664). */
function makeFile(path: string): void {
  try {
    const fd = openSync(path, 'wx', FILE_MODE);
    try {
      fchmodSync(fd, FILE_MODE);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Another process was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function refuseShared(path: string, stats: Stats, kind: 'directory' | 'file'): void {
  if (kind === 'file' ? !stats.isFile() : !stats.isDirectory()) {
    throw new StoreError(
      'SRIOV_STORE',
      `store ${path} is no ${kind}; give the path of a directory of its own`,
    );
  }
  const uid = process.geteuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    throw new StoreError(
      'SRIOV_STORE',
      `store ${path} belongs to user ${stats.uid}, not to you (${uid}); run as that user, ` +
        `give it to you with chown -R ${uid}, or choose another path with SRIOV_STORE`,
    );
  }
  if ((stats.mode & SHARED_WRITE) !== 0) {
    throw new StoreError(
      'SRIOV_STORE',
      `others may write to store ${path}; take that away: chmod go-w ${path}`,
    );
  }
}

/**
 * Runs Node programs whose system calls fail, or which die, at a chosen call (faults.c).
 *
 * Owns building the library and the words of its environment. It needs gcc and glibc, and throws without them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('faults.c', import.meta.url));

/** What happens at a call: the process is killed, or the call fails with an errno. */
export type FaultAction = 'kill-before' | 'kill-after' | 'ENOSPC' | 'EIO';

export interface Faults {
  /** Calls on files below this directory count; give its real path. */
  readonly path?: string;
  /** rtnetlink messages count as well. Default false. */
  readonly netlink?: boolean;
  /** From 1. Absent: calls are only counted. */
  readonly at?: number;
  readonly action?: FaultAction;
  /** How many calls from `at` on fail; default 1, 0 = all. */
  readonly times?: number;
}

export interface FaultyRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** By kind (`store pwrite`), and `total`; undefined when the process was killed. */
  readonly calls: ReadonlyMap<string, number> | undefined;
}

export interface FaultLibrary {
  /** Runs `node` with these words. */
  readonly node: (words: readonly string[], faults: Faults) => FaultyRun;
  /** The library's path, for programs that are started in another way. */
  readonly path: string;
  readonly remove: () => void;
}

/** Compiles the library into the system's temporary directory. */
export function buildFaults(): FaultLibrary {
  const directory = mkdtempSync(join(tmpdir(), 'sriov-faults.'));
  const library = join(directory, 'faults.so');
  const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O1', '-shared', '-fPIC'];
  const { status, stderr, error } = spawnSync('gcc', [...flags, '-o', library, SOURCE, '-ldl', '-pthread'], {
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`gcc refused ${SOURCE}: ${stderr}`);
  return {
    node: (words, faults) => run(library, join(directory, 'report'), words, faults),
    path: library,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function run(library: string, report: string, words: readonly string[], faults: Faults): FaultyRun {
  rmSync(report, { force: true });
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    env: { ...process.env, LD_PRELOAD: library, FAULTS_REPORT: report, ...environment(faults) },
    maxBuffer: 64 << 20,
  });
  if (error !== undefined) throw error;
  return { status, signal, stdout, stderr, calls: existsSync(report) ? parse(report) : undefined };
}

export function environment({
  path = '',
  netlink = false,
  at = 0,
  action,
  times = 1,
}: Faults): Record<string, string> {
  const errno =
    action === undefined || action.startsWith('kill') ? undefined : constants.errno[action as 'EIO'];
  return {
    FAULTS_PATH: path,
    FAULTS_NETLINK: netlink ? '1' : '0',
    FAULTS_AT: `${at}`,
    FAULTS_DO: `${errno ?? action ?? ''}`,
    FAULTS_TIMES: `${times}`,
  };
}

export function parse(report: string): Map<string, number> {
  const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
  return new Map(
    lines.map((line) => {
      const blank = line.lastIndexOf(' ');
      return [line.slice(0, blank), Number(line.slice(blank + 1))];
    }),
  );
}

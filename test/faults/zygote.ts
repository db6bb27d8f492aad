/**
 * A Node program that is started once and does each piece of work in a copy of itself, which may die of it.
 *
 * Owns building zygote.c, starting the program and talking to it. The program's first word is the path of the addon
 * that was built from zygote.c, for `serveCopies` of zygote.mjs; then come its own.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { environment, type Faults, parse } from './faults.ts';

const SOURCE = fileURLToPath(new URL('zygote.c', import.meta.url));

export interface CopyRun {
  readonly signal: string | null;
  /** What the work gave; undefined when it died. */
  readonly result: unknown;
  /** As in `FaultyRun`. */
  readonly calls: ReadonlyMap<string, number> | undefined;
}

export class Zygote {
  readonly #directory: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  /** LMDB's library tells failures of the disk there; they are what is tried. */
  #said = '';

  /** @param library - faults.c, built */
  constructor(library: string, script: string, words: readonly string[]) {
    this.#directory = mkdtempSync(join(tmpdir(), 'sriov-zygote.'));
    const addon = join(this.#directory, 'zygote.node');
    const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-O1', '-shared', '-fPIC'];
    const { status, stderr, error } = spawnSync('gcc', [...flags, '-o', addon, SOURCE, '-ldl'], {
      encoding: 'utf8',
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`gcc refused ${SOURCE}: ${stderr}`);
    this.#process = spawn(process.execPath, ['--single-threaded', script, addon, ...words], {
      env: { ...process.env, LD_PRELOAD: library },
      stdio: 'pipe',
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    this.#reader = createInterface({ input: this.#process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** One copy, one piece of work. */
  async run(work: unknown, faults: Faults): Promise<CopyRun> {
    const result = join(this.#directory, 'result');
    const report = join(this.#directory, 'report');
    for (const path of [result, report]) rmSync(path, { force: true });
    const env = { ...environment(faults), FAULTS_REPORT: report };
    this.#process.stdin.write(`${JSON.stringify({ env, work, result })}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the zygote itself has ended: ${this.#said}`);
    const number = Number(value) & 0x7f;
    return {
      signal: Object.entries(constants.signals).find(([, one]) => one === number)?.[0] ?? null,
      result: existsSync(result) ? JSON.parse(readFileSync(result, 'utf8')) : undefined,
      calls: existsSync(report) ? parse(report) : undefined,
    };
  }

  end(): void {
    this.#process.stdin.end();
    this.#reader.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Threaded stores for tests: the sources run here, their thread's program compiled, since Node can't run it as it is.
 *
 * Owns starting them, and the other process that holds the lock.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  openWithProgram,
  type ThreadedStore,
  type ThreadedStoreOptions,
} from '../../../src/store/threaded/open.ts';
import type { CompiledSources } from '../../faults/compiled.ts';

const HOLDER = fileURLToPath(new URL('holder.mjs', import.meta.url));

export function openThreaded(
  sources: CompiledSources,
  path: string,
  options: ThreadedStoreOptions = {},
): Promise<ThreadedStore> {
  const program = pathToFileURL(`${sources.directory}/store/threaded/worker.js`);
  return openWithProgram(program, path, options);
}

/** A process that is stopped inside a commit of key `holder`. */
export class Holder {
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
  }

  static async start(sources: CompiledSources, path: string): Promise<Holder> {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const child = spawn(process.execPath, [HOLDER, sources.directory, path], { stdio: [...stdio] });
    await once(child.stdout, 'data');
    return new Holder(child, child.pid ?? 0);
  }

  /** Resolves when it has ended. */
  async end(signal: 'SIGCONT' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }
}

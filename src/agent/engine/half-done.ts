/**
 * Work that a process began and did not end.
 *
 * Owns when it is looked for: at the start, and as long as an entry of the journal is open, since nothing tells of
 * the death of a process that is not our child. What is to be done about it is recovery's.
 */
import type { Context } from '../../port/context.ts';
import { openWork, recoverWork } from '../../port/recover-work.ts';
import type { ReconcileSettings } from '../settings.ts';
import { backoffMs } from './backoff.ts';
import type { Recorder } from './recorder.ts';

export class HalfDone {
  readonly #context: () => Context;
  readonly #settings: () => ReconcileSettings;
  readonly #recorder: Recorder;
  readonly #worked: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #running: Promise<boolean> | undefined;
  #stopped = false;

  /** Told what came of a check by timer. */
  constructor(
    context: () => Context,
    settings: () => ReconcileSettings,
    recorder: Recorder,
    { worked, failed }: { readonly worked: () => void; readonly failed: (error: unknown) => void },
  ) {
    this.#context = context;
    this.#settings = settings;
    this.#recorder = recorder;
    this.#worked = worked;
    this.#failed = failed;
  }

  /** Someone has begun work. */
  begun(): void {
    this.#attempt = 0;
    this.#arm();
  }

  /**
   * Sees to all work that is half-done.
   *
   * @returns whether VFs may be other than before
   */
  async check(): Promise<boolean> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#check();
    try {
      return await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => {});
  }

  async #check(): Promise<boolean> {
    let kept = 0;
    let changed = false;
    for (const open of await openWork(this.#context())) {
      if (this.#stopped) break;
      const { work } = await recoverWork(this.#context(), open);
      const { journal, kind, outcome, ports, message } = work;
      if (outcome === 'kept') kept++;
      else changed = true;
      // Someone at work is nothing to tell of; someone of whom nobody can tell is.
      if (outcome !== 'kept' || (message.includes('nobody here') && !this.#told.has(journal))) {
        this.#recorder.tell({ type: 'work', journal, kind, outcome, ports, message });
        this.#told.add(journal);
      }
    }
    if (kept === 0) {
      this.#attempt = 0;
      this.#told.clear();
    } else this.#arm();
    return changed;
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.check().then(this.#worked, this.#failed);
      },
      backoffMs(++this.#attempt, this.#settings()),
    );
  }
}

/**
 * Errors that nobody expected: told, and then the end.
 *
 * Owns the last word of the process. After such an error nobody knows what still holds, while a new agent reads all
 * anew; so it must never go on.
 */
import { isStuck } from '../../store/threaded/open.ts';
import type { AgentLog } from '../../agent/log/log.ts';
import { EXIT } from '../exit-codes.ts';

/** A process's part in such errors; tests have one of their own. */
export interface ErrorSource {
  on(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
  off(event: 'uncaughtException' | 'unhandledRejection', listener: (error: unknown) => void): unknown;
}

/** @returns what gives these errors back to Node */
export function endOnFatalErrors(
  log: Pick<AgentLog, 'write'>,
  source: ErrorSource = process,
  end: (code: number) => void = endNow,
): () => void {
  const tell = (event: string, error: unknown): void => {
    const { message, stack, code }: NodeJS.ErrnoException =
      error instanceof Error ? error : new Error(String(error));
    log.write('error', { event, stack, code }, `unexpected error, the agent ends: ${message}`);
    end(EXIT.bug);
  };
  const uncaught = (error: unknown): void => tell('uncaught-exception', error);
  const unhandled = (error: unknown): void => tell('unhandled-rejection', error);
  source.on('uncaughtException', uncaught);
  source.on('unhandledRejection', unhandled);
  return () => {
    source.off('uncaughtException', uncaught);
    source.off('unhandledRejection', unhandled);
  };
}

/** Ends the process whatever its threads are at: `process.exit` would wait for one that waits for a disk. */
export function endNow(code: number): void {
  if (isStuck()) process.kill(process.pid, 'SIGKILL');
  else process.exit(code);
}

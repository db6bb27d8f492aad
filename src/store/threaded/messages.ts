/**
 * What the store's thread and the one that uses it say to each other.
 *
 * Owns the messages, and the way of an error across: its class must be the same on the other side. One request is
 * under way at a time; the word they share says who decides about it.
 */
import { InvalidConfigError, SriovError } from '../../errors.ts';
import { StoreConflictError, StoreError } from '../errors.ts';
import type { Guard } from '../store.ts';

/** Values of the shared word. `PENDING` becomes one of the other two, by compare-and-swap, and never back. */
export const PENDING = 0;
/** By the store's thread, with the write lock held: it goes on to the end, whose outcome must be waited for. */
export const BEGUN = 1;
/** By the one that asked, who waits no longer: nothing will be written. */
export const ABANDONED = 2;

export interface ThreadData {
  readonly path: string;
  readonly word: Int32Array;
}

export type Request =
  /** Sent by nobody: what a new thread does first. */
  | { readonly kind: 'open' }
  | {
      readonly kind: 'commit';
      readonly guards: readonly Guard[];
      /** Values as JSON text. */
      readonly changes: readonly { readonly key: string; readonly value: string | undefined }[];
    }
  /** The files were closed after a failure, by both. */
  | { readonly kind: 'reopen' }
  /** Answered by the thread's end. */
  | { readonly kind: 'close' };

/** The first message: the thread runs, and begins to open the store. What that took is no fault of the store. */
export const LOADED = 'loaded';

export type Reply =
  | { readonly ok: true; readonly directory: string; readonly revision: number }
  | { readonly ok: false; readonly error: SentError };

export interface SentError {
  readonly kind: 'conflict' | 'store' | 'invalid' | 'other';
  readonly code: string;
  readonly message: string;
  readonly errno: number | undefined;
  readonly syscall: string | undefined;
  readonly key: string;
  readonly revision: number;
  readonly cause: Error | undefined;
}

export function sendError(error: unknown): SentError {
  const known = error instanceof SriovError ? error : undefined;
  const conflict = error instanceof StoreConflictError ? error : undefined;
  const cause: unknown = known === undefined ? error : known.cause;
  return {
    kind: kindOf(error),
    code: known?.code ?? 'SRIOV_STORE',
    message: error instanceof Error ? error.message : String(error),
    errno: known?.errno,
    syscall: known?.syscall,
    key: conflict?.key ?? '',
    revision: conflict?.revision ?? 0,
    cause: cause instanceof Error ? cause : undefined,
  };
}

function kindOf(error: unknown): SentError['kind'] {
  if (error instanceof StoreConflictError) return 'conflict';
  if (error instanceof StoreError) return 'store';
  return error instanceof InvalidConfigError ? 'invalid' : 'other';
}

export function receiveError({
  kind,
  code,
  message,
  errno,
  syscall,
  key,
  revision,
  cause,
}: SentError): Error {
  if (kind === 'conflict') return new StoreConflictError(key, revision);
  if (kind === 'invalid') return new InvalidConfigError(message);
  const details = {
    ...(errno !== undefined && { errno }),
    ...(syscall !== undefined && { syscall }),
    ...(cause !== undefined && { cause }),
  };
  return kind === 'store' ? new StoreError(code, message, details) : new SriovError(code, message, details);
}

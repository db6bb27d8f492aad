/** When a command that would print for ever ends. Owns that alone. */
import type { CliIo } from '../command.ts';

/** Aborted by SIGINT or SIGTERM, or when nobody reads standard output any more. */
export function streamEnd({ interruption, readerGone }: CliIo): AbortSignal {
  const interrupted = interruption();
  return readerGone === undefined ? interrupted : AbortSignal.any([interrupted, readerGone]);
}

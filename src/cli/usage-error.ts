/**
 * The error of a command line or plan file that is wrong in itself.
 *
 * Owns the class only. Values that the library can judge are left to it (`InvalidConfigError`).
 */
import { SriovError } from '../errors.ts';

/** Wrong words, options or plan file; nothing was asked of the kernel. `code` is `SRIOV_USAGE`. */
export class UsageError extends SriovError {
  constructor(message: string, cause?: unknown) {
    super('SRIOV_USAGE', message, { cause });
  }
}

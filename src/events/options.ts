/**
 * Checking what all watches take.
 */
import { InvalidConfigError } from '../errors.ts';
import type { WatchOptions } from './watch.ts';

/** @throws InvalidConfigError - a value of the wrong type */
export function checkedOptions({ persistent = true, signal }: WatchOptions): {
  readonly persistent: boolean;
  readonly signal: AbortSignal | undefined;
} {
  if (typeof persistent !== 'boolean') {
    throw new InvalidConfigError(`persistent must be a boolean, not ${JSON.stringify(persistent)}`);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidConfigError('signal must be an AbortSignal');
  }
  return { persistent, signal };
}

/**
 * The library, loaded when a command first needs it.
 *
 * Owns the check that this host can do the work at all; help and wrong usage never get here.
 */
import { UnsupportedPlatformError } from '../errors.ts';
import type * as library from '../index.ts';

export type Library = typeof library;

/** @throws UnsupportedPlatformError when there is no addon for this system, with the reason */
export async function loadLibrary(): Promise<Library> {
  const loaded = await import('../index.ts');
  const { supported, reason } = loaded.isSupported();
  if (!supported) throw new UnsupportedPlatformError(reason ?? 'this system is not supported');
  return loaded;
}

/**
 * How long to wait before what failed is tried again.
 *
 * Owns the arithmetic alone.
 */

export interface BackoffSettings {
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
}

/**
 * Doubles with each attempt, to the most, give or take a tenth, so that hosts that failed together do not try
 * together.
 *
 * @param attempt - from 1
 * @param random - 0 to 1
 * @returns ms
 */
export function backoffMs(
  attempt: number,
  settings: BackoffSettings,
  random: number = Math.random(),
): number {
  const doubled = settings.backoffFirstMs * 2 ** Math.min(attempt - 1, 30);
  return Math.round(Math.min(doubled, settings.backoffMaxMs) * (0.9 + 0.2 * random));
}

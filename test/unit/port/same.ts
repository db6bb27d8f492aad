/** Compares outside of a test's body, where the difference has to say what it is of. */
import assert from 'node:assert/strict';

export function same(actual: unknown, expected: unknown, what: string): void {
  try {
    assert.deepEqual(actual, expected);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

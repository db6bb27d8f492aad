/** The refusal of a contract, for tests that look at it. Owns nothing else. */
import { ContractError } from '../../../../src/binding/contract/error.ts';

export function refusal(run: () => unknown): ContractError {
  try {
    run();
  } catch (error) {
    if (error instanceof ContractError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

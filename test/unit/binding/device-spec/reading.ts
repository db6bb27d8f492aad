/** Helpers of the tests that read device specs. */
import { expect } from 'vitest';
import { formatDeviceSpec } from '../../../../src/binding/device-spec/device-spec.ts';
import { InvalidDeviceSpecError } from '../../../../src/binding/device-spec/error.ts';
import { parseDeviceSpecs } from '../../../../src/binding/device-spec/parse.ts';

/** The refusal of a value; fails when it is taken. */
export function refusal(value: unknown, options?: { reportInPlacement?: boolean }): InvalidDeviceSpecError {
  try {
    parseDeviceSpecs(value, options);
  } catch (error) {
    if (error instanceof InvalidDeviceSpecError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** Reads one spec and writes it again. */
export function read(
  spec: Record<string, unknown>,
  options?: { reportInPlacement?: boolean },
): Record<string, unknown> {
  const specs = parseDeviceSpecs(spec, options);
  expect(specs).toHaveLength(1);
  return specs.map(formatDeviceSpec)[0] ?? {};
}

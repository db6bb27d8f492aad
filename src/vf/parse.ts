/**
 * Settings that come from outside (JSON, YAML): checked before they are believed.
 *
 * Owns the entrance; the ranges are `fill.ts`'s.
 */
import { InvalidConfigError } from '../errors.ts';
import type { VfConfig } from './config.ts';
import { VfTable } from './table.ts';

/**
 * Takes a value of unknown origin as a list of settings, if it is one.
 *
 * @throws InvalidConfigError - naming the entry, the key and what is wanted there
 */
export function parseVfConfigs(value: unknown): VfConfig[] {
  if (!Array.isArray(value)) {
    throw new InvalidConfigError(`a list of VF settings is wanted, not ${typeof value}`);
  }
  const configs = value as VfConfig[];
  VfTable.from(configs);
  return configs;
}

/**
 * Settings that come from outside (JSON, YAML): checked before they are believed.
 *
 * Owns the entrance; the ranges are `fill.ts`'s.
 */
import type { VfConfig } from './config.ts';
import { VfTable } from './table.ts';

/**
 * Takes a value of unknown origin as a list of settings, if it is one.
 *
 * @throws InvalidConfigError - naming the entry, the key and what is wanted there
 */
export function parseVfConfigs(value: unknown): VfConfig[] {
  const configs = value as VfConfig[];
  VfTable.from(configs);
  return configs;
}

/** What is known of a key of the configuration. Owns the type; the table is `keys.ts`. */
import type { z } from 'zod';

/** How the text of an environment variable or of `--set` becomes a value. */
export type KeyKind = 'text' | 'integer' | 'boolean' | 'names' | 'list' | 'json';

export interface ConfigKey {
  /** Such as `api.read.users`. */
  readonly path: string;
  readonly kind: KeyKind;
  /** Of the value in the file. */
  readonly schema: z.ZodType;
  /** Second half of "expected ...". */
  readonly expected: string;
  /** In the file's form; undefined = it depends on the machine. */
  readonly standard: unknown;
  /** For the JSON Schema and for docs. */
  readonly meaning: string;
}

/** Name of its variable in the environment. */
export function variableOf({ path }: Pick<ConfigKey, 'path'>): string {
  return `${VARIABLE_START}${path.replaceAll('.', '_').toUpperCase()}`;
}

export const VARIABLE_START = 'SRIOV_AGENT_';

/**
 * Reads the agent's configuration: flags over the environment over the file over defaults.
 *
 * Owns the order of sources. It gives complete settings or throws; it never leaves out what it did not understand.
 */
import { readFile } from 'node:fs/promises';
import type { AgentSettings } from '../settings.ts';
import { contradictions, settingsOf, valuesOf } from './complete.ts';
import { AgentConfigError, type ConfigProblem } from './error.ts';
import { type ConfigText, fileLayer } from './yaml-source.ts';
import { type AgentFlags, type Environment, environmentLayer, flagsLayer } from './words-source.ts';

export interface ConfigSources {
  /** Absent = none; an empty one says as much. */
  readonly file?: ConfigText;
  /** Every `SRIOV_AGENT_*` must be known; `SRIOV_STORE` counts as for other commands. Default: none. */
  readonly env?: Environment;
  readonly flags?: AgentFlags;
}

/**
 * @throws AgentConfigError - with every problem of every source, and where it is; also of a value that another
 *   source lies over, since it would come up when that one goes away
 */
export function readSettings({ file, env = {}, flags = {} }: ConfigSources): AgentSettings {
  const problems: ConfigProblem[] = [];
  const layers = [
    file === undefined ? new Map<string, never>() : fileLayer(file, problems),
    environmentLayer(env, problems),
    flagsLayer(flags, problems),
  ];
  const values = valuesOf(layers, env);
  const where = (path: string): string => layers.findLast((layer) => layer.has(path))?.get(path)?.where ?? '';
  // Where a value is missing because it was wrong, its default would be blamed.
  if (problems.length === 0) problems.push(...contradictions(values, where));
  if (problems.length > 0) throw new AgentConfigError(problems);
  return settingsOf(values);
}

/** The file at `path`, absent = none; see {@link readSettings}. A file that can't be read is a problem too. */
export async function loadSettings(
  path: string | undefined,
  env: Environment,
  flags: AgentFlags = {},
): Promise<AgentSettings> {
  if (path === undefined) return readSettings({ env, flags });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`;
    throw new AgentConfigError([{ where: path, key: '', message }]);
  }
  return readSettings({ file: { path, text }, env, flags });
}

/**
 * Settings as a configuration file, and what differs between two.
 *
 * Owns the written form. Nothing in a configuration is secret, so that all of it is shown.
 */
import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import type { AgentSettings } from '../settings.ts';
import { valuesOfSettings, type Values } from './complete.ts';

/** YAML with every key, which `readSettings` reads back as equal settings. */
export function formatSettings(settings: AgentSettings): string {
  return stringify(nested(valuesOfSettings(settings)), { lineWidth: 0 });
}

/** Paths of the keys whose values differ, such as `reconcile.poll_s`, in the order of the file. */
export function changedKeys(before: AgentSettings, after: AgentSettings): string[] {
  const [old, now] = [valuesOfSettings(before), valuesOfSettings(after)];
  return [...now.keys()].filter((path) => !isDeepStrictEqual(old.get(path), now.get(path)));
}

/** The tree that paths with dots stand for. */
export function nested(values: Values): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at = tree;
    for (const step of steps) at = (at[step] ??= {}) as Record<string, unknown>;
    at[last] = value;
  }
  return tree;
}

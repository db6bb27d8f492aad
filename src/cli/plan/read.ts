/**
 * Text of a plan, or of a file of ports, and its YAML (JSON is YAML too).
 *
 * Owns reading and syntax. What the plan means is `expand.ts`'s.
 */
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { UsageError } from '../usage-error.ts';

/** Name of a file in messages. */
export function planName(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * Plain data of the plan at `path`, `-` being standard input. `noun` is what messages call it.
 *
 * @throws UsageError when the file cannot be read, is no YAML, or holds several documents or a key twice
 */
export async function readPlan(
  path: string,
  readInput: () => Promise<string>,
  noun = 'plan',
): Promise<unknown> {
  let text: string;
  try {
    text = path === '-' ? await readInput() : await readFile(path, 'utf8');
  } catch (cause) {
    // A file that cannot be read is a wrong argument, not a missing capability on the device.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${noun} ${planName(path)} cannot be read: ${reason}`, cause);
  }
  const document = parseDocument(text, { prettyErrors: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    throw new UsageError(`${noun} ${planName(path)} is no valid YAML: ${problem.message.trimEnd()}`, problem);
  }
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${noun} ${planName(path)} is no valid YAML: ${reason}`, cause);
  }
}

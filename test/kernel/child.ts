/**
 * Runs a function in a Node process of its own, with the built package: for what must not be done to the
 * process of the tests, such as giving up capabilities or counting system calls.
 *
 * Owns starting it and bringing back the result. The function sees its arguments and globals only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Sriov from '../../src/index.ts';

export const DIST: string = new URL('../../dist/index.js', import.meta.url).href;
const MARK = '\u0001result ';

/** Words before `node`, such as `unshare -n`; options of Node; more environment. */
export interface ChildOptions {
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What the function returned. Throws if the process did not end well: it crashed, or its function threw. */
export function inChild<T, A extends readonly unknown[]>(
  body: (sriov: typeof Sriov, ...args: A) => T | Promise<T>,
  args: A,
  options: ChildOptions = {},
): T {
  if (!existsSync(fileURLToPath(DIST))) throw new Error(`${DIST} is missing: "npm run build:ts" makes it`);
  const code = [
    `import * as sriov from ${JSON.stringify(DIST)};`,
    `const result = await (${body.toString()})(sriov, ...${JSON.stringify(args)});`,
    `process.stdout.write(${JSON.stringify(MARK)} + JSON.stringify(result ?? null) + '\\n');`,
  ].join('\n');
  const [command = '', ...words] = [
    ...(options.under ?? []),
    process.execPath,
    '--expose-gc',
    '--input-type=module',
    '-',
  ];
  const child = spawnSync(command, words, {
    input: code,
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
    maxBuffer: 64 << 20,
    timeout: 170_000,
  });
  if (child.error !== undefined) throw child.error;
  const at = child.stdout.lastIndexOf(MARK);
  if (child.status !== 0 || at < 0) {
    throw new Error(`the child ended with ${child.signal ?? child.status}: ${child.stderr}${child.stdout}`);
  }
  return JSON.parse(child.stdout.slice(at + MARK.length)) as T;
}

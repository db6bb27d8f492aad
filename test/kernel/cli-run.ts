/**
 * Runs the `sriov` command for kernel tests: as a child process, or in this process.
 *
 * Owns both ways and the PF that one test file works on. Starting Node takes seconds in an emulated machine,
 * so only what is about processes, streams and the exit status runs as a child.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Ran, runWithInput } from '../unit/cli/io.ts';
import { type Netdevsim, createNetdevsim } from './netdevsim.mjs';

/** The built command. */
export const main: string = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Any program; its exit status is 127 or the like when it cannot be started. */
export function spawn(command: string, args: readonly string[], input = ''): Ran {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { status, out: stdout, err: stderr };
}

/** `sriov LINE` in this process, LINE being words with one blank between them. */
export function run(line: string, input = ''): Promise<Ran> {
  return runWithInput(input, ...line.split(' '));
}

/** `sriov LINE` as a child process, under another program if one is given. */
export function sriov(line: string, under: readonly string[] = []): Ran {
  if (!existsSync(main)) throw new Error(`${main} is missing: "npm run build:ts" makes it`);
  const [command = '', ...args] = [...under, process.execPath, main, ...line.split(' ')];
  return spawn(command, args);
}

/** The envelope of a result; refuses more than one line. */
export function envelopeOf({ out }: Ran): {
  schema: string;
  data: Record<string, unknown>;
  warnings: readonly string[];
} {
  if (!/^\{.*\}\n$/.test(out)) throw new Error(`not one line of JSON: ${out}`);
  return JSON.parse(out) as ReturnType<typeof envelopeOf>;
}

/** `data.vfs` of `sriov show`. */
export async function vfsOf(pf: string): Promise<readonly Record<string, unknown>[]> {
  return envelopeOf(await run(`show ${pf} --json`)).data['vfs'] as readonly Record<string, unknown>[];
}

/** A PF with 8 VFs for the tests of a file; every test starts with nothing set. */
export function usePf(): { readonly name: string; readonly id: number } {
  let sim: Netdevsim | undefined;
  const made = (): Netdevsim => {
    if (sim === undefined) throw new Error('the PF is not made before the first test');
    return sim;
  };
  beforeAll(async () => {
    sim = await createNetdevsim({ vfs: 8 });
  });
  beforeEach(async () => {
    const words = 'mac none vlan none rate none spoofchk off trust off link-state auto query-rss off';
    const { status, err } = await run(`set ${made().pf} 0-7 ${words}`);
    if (status !== 0) throw new Error(`VFs cannot be cleared: ${err}`);
  });
  afterAll(async () => {
    await sim?.remove();
  });
  return {
    get name(): string {
      return made().pf;
    },
    get id(): number {
      return made().id;
    },
  };
}

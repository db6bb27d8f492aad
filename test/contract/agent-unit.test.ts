/**
 * The systemd unit that the package ships: systemd itself reads it, and says how much it shuts in.
 *
 * What the agent can still do inside is shown by test/kernel/agent-process.test.ts.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.ts';

const shipped = (name: string): string => fileURLToPath(new URL(`../../packaging/${name}`, import.meta.url));
const unit = readFileSync(shipped('systemd/sriov-agent.service'), 'utf8');
const NAME = 'sriov-agent.service';

const { status: hasSystemd } = spawnSync('systemd-analyze', ['--version']);
const without = hasSystemd === 0 ? '' : 'systemd-analyze is not installed (package systemd)';
if (without !== '') console.warn(`agent-unit: skipped: ${without}`);

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sriov-unit-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The unit as it is but for the command's path, which must exist for `verify`; with drop-ins. */
function installed(...dropIns: readonly string[]): string {
  const directory = mkdtempSync(join(root, 'etc-'));
  const command = join(directory, 'sriov');
  writeFileSync(command, '#!/bin/sh\n');
  chmodSync(command, 0o755);
  writeFileSync(join(directory, NAME), unit.replace('ExecStart=sriov ', `ExecStart=${command} `));
  if (dropIns.length > 0) mkdirSync(join(directory, `${NAME}.d`));
  for (const name of dropIns) copyFileSync(shipped(`systemd/${name}`), join(directory, `${NAME}.d`, name));
  return join(directory, NAME);
}

function analyze(...words: readonly string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

/** Values of a key, in order. */
function valuesOf(text: string, key: string): string[] {
  return text.split('\n').flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
}

test.skipIf(without !== '')('systemd finds no fault in the unit, and would in a wrong one', () => {
  expect(analyze('verify', '--man=no', installed())).toEqual({ status: 0, text: '' });
  expect(analyze('verify', '--man=no', installed('without-macvtap.conf'))).toEqual({ status: 0, text: '' });
  const wrong = installed();
  writeFileSync(wrong, readFileSync(wrong, 'utf8').replace('ProtectClock=', 'ProtectClocks='));
  expect(analyze('verify', '--man=no', wrong).text).toMatch(/Unknown key (?:name )?'ProtectClocks'/);
});

test.skipIf(without !== '')('what systemd can shut in is shut in: exposure of at most 2.5 of 10', () => {
  const security = (...words: readonly string[]): ReturnType<typeof analyze> =>
    analyze('security', '--offline=true', '--no-pager', ...words);
  const plain = security('--threshold=25', installed());
  expect(plain).toMatchObject({ status: 0 });
  // Else the threshold would prove nothing.
  expect(security('--threshold=1', installed()).status).not.toBe(0);
});

test('what cannot be shut in is left open on purpose', () => {
  const keys = unit.split('\n').flatMap((line) => /^([A-Za-z]+)=/.exec(line)?.slice(1) ?? []);
  // V8 compiles; macvtap ports write to sysfs; whether processes live and the boot id are read from /proc.
  for (const key of [
    'MemoryDenyWriteExecute',
    'ProtectKernelTunables',
    'ProtectProc',
    'ProcSubset',
    'PrivateNetwork',
  ])
    expect(keys).not.toContain(key);
  expect(valuesOf(unit, 'CapabilityBoundingSet')).toEqual(['CAP_NET_ADMIN']);
  expect(
    valuesOf(readFileSync(shipped('systemd/without-macvtap.conf'), 'utf8'), 'ProtectKernelTunables'),
  ).toEqual(['yes']);
});

test('it is not started again after an end that starting again cannot mend, and is after a bug', () => {
  const never = valuesOf(unit, 'RestartPreventExitStatus').join(' ').split(' ').map(Number);
  expect(never).toEqual([EXIT.usage, EXIT.unsupported, EXIT.permission]);
  expect(valuesOf(unit, 'Restart')).toEqual(['on-failure']);
});

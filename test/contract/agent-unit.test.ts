/**
 * What the package ships to run the agent: systemd itself reads the unit and says how much it shuts in; the examples are
 * run or read by what they are for.
 *
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readSettings } from '../../src/agent/config/read.ts';
import { EXIT } from '../../src/cli/exit-codes.ts';

const shipped = (name: string): string => fileURLToPath(new URL(`../../packaging/${name}`, import.meta.url));
const unit = readFileSync(shipped('systemd/sriov-agent.service'), 'utf8');
const NAME = 'sriov-agent.service';

const { status: hasSystemd } = spawnSync('systemd-analyze', ['--version']);
const without = hasSystemd === 0 ? '' : 'systemd-analyze is not installed (package systemd)';
if (without !== '') console.warn(`agent-unit: skipped: ${without}`);

let root = '';
let script: ChildProcess | undefined;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sriov-unit-'));
});
afterAll(() => {
  script?.kill('SIGTERM');
  rmSync(root, { recursive: true, force: true });
});

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

test('the example of a configuration, and the one in the DaemonSet, are right', () => {
  const path = shipped('examples/agent.yaml');
  const own = readSettings({ file: { path, text: readFileSync(path, 'utf8') } });
  expect(own.api.socket).toBe('/run/sriov/agent.sock');
  const [config, set] = parseAllDocuments(readFileSync(shipped('examples/daemonset.yaml'), 'utf8')).map(
    (document): unknown => document.toJS(),
  );
  const { data } = config as { data: Record<string, string> };
  const text = data['agent.yaml'] ?? '';
  expect(readSettings({ file: { path: 'agent.yaml', text } }).store).toBe('/var/lib/sriov/store');
  const { spec } = set as { spec: { template: { spec: { hostNetwork: boolean; containers: unknown[] } } } };
  expect(spec.template.spec.hostNetwork).toBe(true);
  expect(spec.template.spec.containers).toMatchObject([
    {
      securityContext: {
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
      },
    },
  ]);
  expect(parse(text)).toHaveProperty('metrics');
});

/** `run-agent.sh` with a `sriov` that ends as it is told, and a `setpriv` that needs no privilege. */
function runAgent(sriov: string): {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  directory: string;
} {
  const directory = mkdtempSync(join(root, 'run-'));
  const programs = {
    sriov,
    setpriv: 'while [ "$1" != sriov ]; do shift; done; exec "$@"',
    sleep: 'exit 0',
  };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(directory, name), `#!/bin/sh\ncd ${directory}\n${body}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  const env = { ...process.env, PATH: `${directory}:${process.env['PATH'] ?? ''}` };
  return { command: shipped('examples/run-agent.sh'), env, directory };
}

test.each([EXIT.usage, EXIT.unsupported, EXIT.permission, EXIT.done])(
  'the script without systemd starts the agent again after a bug, and not after %i',
  (last) => {
    const { command, env, directory } = runAgent(
      `echo "$*" >>starts; [ "$(wc -l <starts)" -lt 3 ] && exit ${EXIT.bug}; exit ${last}`,
    );
    const { status } = spawnSync('sh', [command, 'agent.yaml'], { env, encoding: 'utf8' });
    expect(status).toBe(last);
    expect(readFileSync(join(directory, 'starts'), 'utf8')).toBe('agent agent.yaml\n'.repeat(3));
  },
);

test('the script hands SIGHUP and SIGTERM on, and ends as the agent does', async () => {
  const { command, env, directory } = runAgent(
    'trap "echo hup >>seen" HUP; trap "echo term >>seen; exit 0" TERM; echo "$*"; while :; do /bin/sleep 0.05; done',
  );
  const shell = spawn('sh', [command], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  script = shell;
  const ended = once(shell, 'exit');
  const [said] = (await once(shell.stdout, 'data')) as [Buffer];
  expect(String(said)).toBe('agent --config=/etc/sriov/agent.yaml\n');
  shell.kill('SIGHUP');
  const seen = (): string =>
    existsSync(join(directory, 'seen')) ? readFileSync(join(directory, 'seen'), 'utf8') : '';
  while (!seen().includes('hup')) await sleep(20);
  shell.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(seen()).toBe('hup\nterm\n');
});

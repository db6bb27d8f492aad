/**
 * The `sriov` command as a process: exit status, streams, privileges, terminals.
 *
 * Owns what a script relies on when it calls the command. Every run here is a child process.
 */
import { expect, test } from 'vitest';
import { envelopeOf, main, run, spawn, sriov, usePf, vfsOf } from './cli-run.ts';

const pf = usePf();

test.each([
  ['VLAN 4096', 'vlan 4096'],
  ['QoS 8', 'vlan 1 qos 8'],
  ['a multicast MAC', 'mac 01:00:5e:00:00:01'],
  ['min above max', 'min-rate 20 max-rate 10'],
])('%s is refused with 64, before anything is changed', async (_what, words) => {
  const { status, out, err } = sriov(`set ${pf.name} 0 trust on ${words}`);
  expect({ status, out }).toEqual({ status: 64, out: '' });
  expect(err).toMatch(/^sriov: .+\n$/);
  expect((await vfsOf(pf.name))[0]).toMatchObject({ trust: false });
});

test('a VF beyond the count is refused with 64 and the count', () => {
  const { status, out, err } = sriov(`set ${pf.name} 6-9 trust on`);
  expect({ status, out }).toEqual({ status: 64, out: '' });
  expect(err).toBe(`sriov: VF 8-9 is not there: ${pf.name} has VFs 0-7\n`);
});

test.each([
  ['a device that is not there', 'nosuchpf'],
  ['a device that is no PF', 'lo'],
])('%s exits with 69 and is named', (_what, name) => {
  const { status, out, err } = sriov(`show ${name} --json`);
  expect(status).toBe(69);
  expect(err).toContain(name);
  expect(envelopeOf({ status, out, err })).toMatchObject({
    schema: 'sriov/error/v1',
    data: { exitCode: 69 },
  });
});

test('what the driver has for no VF exits with 69', () => {
  expect(sriov(`set ${pf.name} 0 node-guid 00:11:22:33:44:55:66:77`).status).toBe(69);
});

test('VFs that would have to be destroyed exit with 75 and say how', () => {
  const { status, out, err } = sriov(`numvfs ${pf.name} 4 --json`);
  expect(status).toBe(75);
  expect(envelopeOf({ status, out, err }).data).toMatchObject({ code: 'SRIOV_VFS_EXIST', exitCode: 75 });
  expect(err).toContain('recreate');
});

test('without CAP_NET_ADMIN set exits with 77, names it and changes nothing; show works', async () => {
  const under = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
  const { status, out, err } = sriov(`set ${pf.name} 0 trust on`, under);
  expect({ status, out }).toEqual({ status: 77, out: '' });
  expect(err).toContain('CAP_NET_ADMIN');
  expect((await vfsOf(pf.name))[0]).toMatchObject({ trust: false });
  expect(sriov(`show ${pf.name}`, under)).toMatchObject({ status: 0, err: '' });
});

test('without the right to write sysfs numvfs exits with 77 and names the file', async () => {
  const under = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const { status, err } = sriov(`numvfs ${pf.name} 4 --recreate`, under);
  expect(status).toBe(77);
  expect(err).toContain('sriov_numvfs');
  expect(await vfsOf(pf.name)).toHaveLength(8);
});

test('a reader that goes away ends the printing without a word, never the work', async () => {
  const plan = `pfs: [{ pf: ${pf.name}, vfs: [{ vf: 0-7, trust: on }] }]`;
  const script = 'exec 2>&1; "$0" "$1" apply <(echo "$2") | exec true; echo "status ${PIPESTATUS[0]}"';
  const { out } = spawn('bash', ['-c', script, process.execPath, main, plan]);
  expect(out).toBe('status 0\n');
  expect((await vfsOf(pf.name)).map(({ trust }) => trust)).toEqual(Array.from({ length: 8 }, () => true));
});

test('there is colour on a terminal, none with NO_COLOR and none in a pipe', () => {
  const onTerminal = (env: string): string =>
    spawn('script', ['-qec', `env ${env} ${process.execPath} ${main} list`, '/dev/null']).out;
  expect(onTerminal('-u NO_COLOR TERM=xterm')).toContain('\u001b[1mNAME');
  expect(onTerminal('NO_COLOR=1 TERM=xterm')).not.toContain('\u001b[1m');
  expect(sriov('list').out).not.toContain('\u001b');
});

test('a stack trace is shown with --debug only', async () => {
  expect((await run('show nosuchpf')).err).not.toMatch(/^ +at /m);
  expect(sriov('show nosuchpf --debug').err).toMatch(/^ +at /m);
});

import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { EXIT_MEANINGS } from '../../../src/cli/exit-codes.ts';
import { run } from './io.ts';

test.each([
  [[]],
  [['lst']],
  [['list', 'more']],
  [['show']],
  [['show', 'pf0', '--bogus']],
  [['set', 'pf0']],
  [['set', 'pf0', '3']],
  [['set', 'pf0', '3', 'vln', '100']],
  [['set', 'pf0', '3', 'vlan', '-1']],
  [['set', 'pf0', '9-3', 'vlan', '1']],
  [['set', 'pf0', '3', 'vlan', '1', '--retry-ms', 'soon']],
  [['set', 'pf0', '3', 'vlan', '1', '--retry-ms']],
  [['set', 'pf0', '3', 'vlan', '1', '--exit-code']],
  [['set', 'pf0', '0-1', 'mac', '02:00:00:00:00:01']],
  [['numvfs', 'pf0', 'many']],
  [['numvfs', 'pf0', '-1']],
  [['apply']],
  [['port']],
  [['port', 'bnd']],
  [['port', 'bind']],
  [['port', 'bind', 'p1', 'p2', '--network-type', 'flat']],
  [['port', 'bind', 'p1', '--file', 'ports.yaml']],
  [['port', 'bind', '--file', 'ports.yaml', '--vnic-type', 'direct']],
  [['port', 'bind', '--file', '/nonexistent/ports.yaml']],
  [['port', 'bind', 'p1', '--choose', 'best']],
  [['port', 'bind', 'p1', '--numa-node', 'near']],
  [['port', 'bind', 'p1', '--device-spec', '{']],
  [['port', 'bind', 'p1', '--exclude-devices', 'eth1:0000:07:00.2']],
  [['port', 'bind', 'p1', '--physical-device-mappings', 'physnet1']],
  [['port', 'release']],
  [['port', 'release', 'p1', '--all']],
  [['port', 'show']],
  [['port', 'activate']],
  [['plan', 'plan.yaml']],
  [['gc']],
  [['gc', '--alive', '/nonexistent/alive']],
])('wrong usage %j exits with 64, says why on standard error and prints no data', async (argv) => {
  const { status, out, err } = await run(...argv);
  expect(status).toBe(64);
  expect(out).toBe('');
  expect(err).not.toBe('');
  expect(err).not.toMatch(/\n\s+at /);
});

test('with --json wrong usage gives an error document as well, whoever refused it', async () => {
  const refusals = [await run('set', 'pf0', '3', 'vln', '1', '--json'), await run('--json', 'show')];
  for (const { status, out } of refusals) {
    expect(status).toBe(64);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'sriov/error/v1',
      data: { code: 'SRIOV_USAGE', exitCode: 64 },
    });
  }
});

test('one MAC for several VFs is refused with the way out', async () => {
  const { err } = await run('set', 'pf0', '0-1', 'mac', '02:00:00:00:00:01');
  expect(err).toBe(
    'sriov: one address cannot be given to 2 VFs; set them one by one, or use a plan file, ' +
      'where the address of a range counts up with the VF\n',
  );
});

test('a wrong command is answered with the nearest one', async () => {
  expect((await run('aply')).err).toContain('Did you mean apply?');
});

test.each(COMMANDS.map(({ name }) => name))(
  'help of %s starts with examples and explains every exit status',
  async (name) => {
    const { status, out, err } = await run(...name.split(' '), '--help');
    expect(status).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(new RegExp(`^Examples:\n  sriov ${name}`));
    expect(out).toContain('--json');
    for (const [code, meaning] of EXIT_MEANINGS)
      expect(out).toMatch(new RegExp(`^  ${code} +${meaning.slice(0, 12)}`, 'm'));
  },
);

test('help lists every command of the table, that of a group its own', async () => {
  for (const { name, summary } of COMMANDS) {
    const words = name.split(' ');
    const { status, out } = await run(...words.slice(0, -1), '--help');
    expect(status).toBe(0);
    // Long summaries are wrapped.
    expect(out.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(` ${words.at(-1)} .*${summary}`));
  }
});

test('--version prints the version of the package', async () => {
  expect(await run('--version')).toEqual({
    status: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    err: '',
  });
});

test('a plan file that is not there exits with 64', async () => {
  const { status, err } = await run('apply', '/nonexistent/plan.yaml');
  expect(status).toBe(64);
  expect(err).toContain('plan /nonexistent/plan.yaml cannot be read: ENOENT');
});

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
    const { status, out, err } = await run(name, '--help');
    expect(status).toBe(0);
    expect(err).toBe('');
    expect(out).toMatch(new RegExp(`^Examples:\n  sriov ${name}`));
    expect(out).toContain('--json');
    for (const [code, meaning] of EXIT_MEANINGS)
      expect(out).toMatch(new RegExp(`^  ${code} +${meaning.slice(0, 12)}`, 'm'));
  },
);

test('help lists every command of the table', async () => {
  const { status, out } = await run('--help');
  expect(status).toBe(0);
  for (const { name, summary } of COMMANDS)
    expect(out).toMatch(new RegExp(`^  ${name}\\b.* ${summary}`, 'm'));
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

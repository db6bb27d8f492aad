/** The examples of the agent, run as a user runs them, against an agent's API whose host is in memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from '../../scripts/lib/paths.mjs';
import { addressOf, type MemoryAgent, startMemoryAgent } from './agent-in-memory.ts';

let agent: MemoryAgent;
let running: ChildProcess | undefined;
beforeEach(async () => {
  agent = await startMemoryAgent();
});
afterEach(async () => {
  running?.kill('SIGKILL');
  running = undefined;
  await agent.end();
});

const EXAMPLES = path.join(ROOT, 'examples/agent');

function run(example: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [path.join(EXAMPLES, example), ...words], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running = child;
  return child;
}

test('all examples of the agent are run here', () => {
  const programs = readdirSync(EXAMPLES).filter(
    (file) => !['net-device.mjs', 'neutron-port.mjs'].includes(file),
  );
  expect(programs.sort()).toEqual(['cni-call.mjs', 'neutron-loop.mjs']);
});

describe('the loop of a Neutron-like server', () => {
  const words = (): string[] => ['--socket', agent.socket];

  test('with --once binds its ports, releases them, and ends', async () => {
    const child = run('neutron-loop.mjs', ['--once', ...words()]);
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(errors).toBe('');
    const lines = output.trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('web-1'))).toEqual([
      'web-1: DOWN -> BUILD: is to be bound',
      expect.stringMatching(/^web-1: BUILD -> ACTIVE: is hw_veb at pf[01]\/0$/) as string,
      'web-1: ACTIVE -> DOWN: is unbound',
    ]);
    expect(lines.filter((line) => line.startsWith('web-2'))).toHaveLength(3);
    expect(child.exitCode).toBe(0);
    expect((await agent.agent.status()).ports.filter(({ place }) => place !== null)).toEqual([]);
    const vlans = agent.host.requests.flatMap(({ configs }) => configs.map(({ vlan }) => vlan?.id));
    expect(vlans).toEqual(expect.arrayContaining([100, 200]));
  });

  test('moves the status of a port whose VF goes and comes back, and that of no other', async () => {
    const child = run('neutron-loop.mjs', words());
    const lines: string[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(line));
    const said = async (line: RegExp): Promise<void> => {
      await expect.poll(() => lines.find((one) => line.test(one)), { timeout: 20_000 }).toBeDefined();
    };
    await said(/web-1: BUILD -> ACTIVE/);
    await said(/web-2: BUILD -> ACTIVE/);
    const { ports } = await agent.agent.status();
    const pf = (ports.find(({ id }) => id === 'web-1')?.place ?? '').split('/')[0] ?? '';
    expect(ports.find(({ id }) => id === 'web-2')?.place).not.toContain(`${pf}/`);
    agent.host.recreate(pf, 0);
    await agent.agent.reconcile(pf);
    await said(/web-1: ACTIVE -> DOWN: .*not there/);
    agent.host.recreate(pf, 4);
    await agent.agent.reconcile(pf);
    await said(/web-1: DOWN -> ACTIVE: is hw_veb at pf\d\/0/);
    expect(lines.filter((line) => line.startsWith('web-2'))).toEqual([
      'web-2: DOWN -> BUILD: is to be bound',
      expect.stringMatching(/^web-2: BUILD -> ACTIVE/) as string,
    ]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('does not hide what is refused', async () => {
    for (const pf of ['pf0', 'pf1']) agent.host.recreate(pf, 0);
    const child = run('neutron-loop.mjs', ['--once', ...words()]);
    const output = await text(child.stdout);
    expect(output).toMatch(/^web-1: BUILD -> DOWN: \S/m);
    expect(output).not.toMatch(/ACTIVE/);
  });
});

describe('the call of a CNI plugin', () => {
  const network = (more: object = {}): object => ({
    cniVersion: '1.0.0',
    name: 'fast',
    type: 'cni-call',
    agentSocket: agent.socket,
    vlan: 100,
    runtimeConfig: { deviceID: addressOf('pf1', 2), mac: '02:00:00:00:00:07' },
    ...more,
  });

  interface Said {
    readonly status: number | null;
    readonly result: unknown;
  }

  async function call(command: string, config: object, container = 'c1'): Promise<Said> {
    const child = run('cni-call.mjs', [], {
      CNI_COMMAND: command,
      CNI_CONTAINERID: container,
      CNI_NETNS: `/run/netns/none-${container}`,
      CNI_IFNAME: 'net1',
      CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=web;K8S_POD_UID=pod-1',
    });
    child.stdin.end(JSON.stringify(config));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    expect(errors).toBe('');
    return { status: child.exitCode, result: output === '' ? null : JSON.parse(output) };
  }

  test('ADD binds the VF that the device plugin chose, for the pod; CHECK holds; DEL puts it back, twice', async () => {
    const before = agent.host.snapshot();
    expect(await call('ADD', network())).toEqual({
      status: 0,
      result: {
        cniVersion: '1.0.0',
        interfaces: [{ name: 'net1', mac: '02:00:00:00:00:07', sandbox: '/run/netns/none-c1' }],
        ips: [],
      },
    });
    expect(agent.host.snapshot()['pf1']?.[2]).toMatchObject({ mac: '02:00:00:00:00:07', vlan: { id: 100 } });
    expect((await agent.ports.get('c1.net1'))?.port.device_id).toBe('pod-1');
    const withResult = network({ prevResult: { interfaces: [] } });
    expect(await call('CHECK', withResult)).toEqual({ status: 0, result: null });
    for (const _ of [1, 2]) expect(await call('DEL', network())).toEqual({ status: 0, result: null });
    expect(agent.host.snapshot()).toEqual(before);
    expect(await call('CHECK', withResult)).toMatchObject({ status: 1, result: { code: 3 } });
  });

  test('ADD of a VF that another pod has is refused in the form of CNI, and leaves nothing to be tried again', async () => {
    await call('ADD', network());
    const { status, result } = await call('ADD', network(), 'c2');
    expect(status).toBe(1);
    expect(result).toMatchObject({
      cniVersion: '1.0.0',
      code: 100,
      msg: expect.stringMatching(/c2\.net1.*c1\.net1 has it/) as string,
    });
    expect((await agent.agent.status()).ports.filter(({ state }) => state === 'failed')).toEqual([]);
    expect((await agent.agent.status()).ports.find(({ id }) => id === 'c1.net1')).toMatchObject({
      state: 'ok',
    });
  });

  test('CHECK tells of a VF that is gone', async () => {
    await call('ADD', network());
    agent.host.recreate('pf1', 0);
    await agent.agent.reconcile('pf1');
    const { status, result } = await call('CHECK', network({ prevResult: {} }));
    expect({ status, result }).toMatchObject({
      status: 1,
      result: { code: 100, msg: expect.stringMatching(/lost/) as string },
    });
  });

  test.each([
    ['a version that it does not know', { cniVersion: '0.2.0' }, 1],
    ['a VF that nobody named', { runtimeConfig: {} }, 7],
    ['a word that is neither on nor off', { trust: 'yes' }, 7],
    ['a VLAN that there is not', { vlan: 5000 }, 100],
    ['an agent that is not there, to be tried again', { agentSocket: '/nowhere/agent.sock' }, 11],
  ])('ADD with %s has its own code', async (_, more, code) => {
    expect(await call('ADD', network(more))).toMatchObject({ status: 1, result: { code } });
    expect(agent.host.requests).toEqual([]);
  });

  test('DEL without an agent fails, so that it is called again', async () => {
    const { status, result } = await call('DEL', network({ agentSocket: '/nowhere/agent.sock' }));
    expect({ status, result }).toMatchObject({ status: 1, result: { code: 11 } });
  });

  test('VERSION says which it knows', async () => {
    expect(await call('VERSION', {})).toEqual({
      status: 0,
      result: { cniVersion: '1.0.0', supportedVersions: ['0.4.0', '1.0.0'] },
    });
  });
});

/**
 * `npm run bench -- [--ci] [--only NAME[,NAME...]]`: runs the benchmarks and closes on `N passed, N failed`.
 *
 * Owns their list and their sizes; those in guest/ run in the virtual machine. Each prints its table and its claims.
 */

import { parseArgs } from 'node:util';

import { installPyroute2 } from './agent/python-poller.mjs';
import { runCommand } from '../scripts/test/command.mjs';
import { judgeStage, summarise, tallyOfLastLine } from '../scripts/test/tally.mjs';

/** @typedef {{ name: string, what: string, script: string, inMachine: boolean, full: string[], ci: string[], prepare?: () => Promise<void> }} Bench */

/** @type {readonly Bench[]} */
const BENCHES = [
  {
    name: 'hot-path',
    what: 'programming VFs, beside a plain C program and ip -batch',
    script: 'bench/guest/hot-path.mjs',
    inMachine: true,
    full: [],
    ci: ['--rounds', '20'],
  },
  {
    name: 'event-loop',
    what: 'delay of the event loop while VFs are programmed',
    script: 'bench/guest/event-loop.mjs',
    inMachine: true,
    full: [],
    ci: ['--rounds', '4'],
  },
  {
    name: 'enumerate',
    what: 'enumerating PCI functions, beside lspci and a plain fs reader',
    script: 'bench/enumerate.mjs',
    inMachine: false,
    full: [],
    ci: ['--rounds', '5'],
  },
  {
    name: 'agent-poll',
    what: "the work of a polling agent's poll beside ours, on our reader and on pyroute2",
    script: 'bench/guest/agent-poll.mjs',
    inMachine: true,
    full: [],
    ci: ['--rounds', '3', '--python-rounds', '1', '--python-vfs', '64,128', '--kept-vfs', '64'],
    prepare: () => installPyroute2((line) => console.log(line)),
  },
  {
    name: 'agent-idle',
    what: 'what the agent costs when nothing happens',
    script: 'bench/guest/agent-idle.mjs',
    inMachine: true,
    full: [],
    ci: ['--seconds', '20', '--settle', '40'],
  },
  {
    name: 'agent-drift',
    what: 'how soon the agent puts a changed VF right, and by what',
    script: 'bench/guest/agent-drift.mjs',
    inMachine: true,
    full: [],
    ci: ['--drifts', '100'],
  },
];

const USAGE = `usage: npm run bench -- [--ci] [--only NAME[,NAME...]]

  --ci    the size for continuous integration

${BENCHES.map(({ name, what }) => `  ${name.padEnd(12)} ${what}`).join('\n')}`;

const { values } = parseArgs({
  options: {
    ci: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const names = values.only?.split(',');
const unknown = names?.find((name) => !BENCHES.some((bench) => bench.name === name));
if (values.help || unknown !== undefined) {
  console.log(unknown === undefined ? USAGE : `no such benchmark: ${unknown}\n\n${USAGE}`);
  process.exit(unknown === undefined ? 0 : 64);
}

const machine = `bench-${process.pid}`;
const chosen = BENCHES.filter(({ name }) => names === undefined || names.includes(name));
const results = [];
for (const { name, what, script, inMachine, full, ci, prepare } of chosen) {
  console.log(`\n== ${name}: ${what}`);
  await prepare?.();
  const start = performance.now();
  const argv = [process.execPath, script, ...(values.ci ? ci : full)];
  const vm = [
    process.execPath,
    'test/vm/vm.mjs',
    'run',
    '--name',
    machine,
    '--keep',
    '--timeout',
    '900',
    '--',
  ];
  const { lines, end } = await runCommand(inMachine ? [...vm, ...argv] : argv);
  const seconds = (performance.now() - start) / 1000;
  results.push(judgeStage({ stage: name, seconds, end, tally: tallyOfLastLine(lines) }));
}
if (chosen.some(({ inMachine }) => inMachine)) {
  await runCommand([process.execPath, 'test/vm/vm.mjs', 'down', '--name', machine, '--quiet']);
}
const { lines, ok } = summarise(results);
console.log(`\n${lines.join('\n')}`);
process.exitCode = ok ? 0 : 1;

/** `sriov neutron-config`: what Neutron's configuration of its SR-IOV agent means here. */
import { readFile } from 'node:fs/promises';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { UsageError } from '../usage-error.ts';

async function textOf(path: string): Promise<{ path: string; text: string }> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`, error);
  }
}

export const neutronConfig: Command = {
  name: 'neutron-config',
  summary: "make a configuration for the agent of Neutron's",
  args: [
    ['<files...>', 'as given to neutron-sriov-nic-agent by --config-file, and nova.conf; later ones count'],
  ],
  options: [],
  examples: [
    [
      'sriov neutron-config /etc/neutron/neutron.conf /etc/neutron/plugins/ml2/sriov_agent.ini > agent.yaml',
      'what became of each option is on standard error',
    ],
    [
      'sriov neutron-config sriov_agent.ini --json | jq \'.data.notes[] | select(.kind != "kept")\'',
      'what has no place here',
    ],
  ],
  async run({ args }) {
    const { readNeutronConfig } = await import('../../agent/config/neutron/read.ts');
    const { yaml, notes } = readNeutronConfig(await Promise.all(args.map(textOf)));
    return {
      data: { yaml, notes },
      text: yaml,
      warnings: [],
      failures: notes.map(({ where, section, option, kind, text }) => {
        const what = kind === 'kept' ? 'kept as ' : `${kind}: `;
        return `${where}: [${section}] ${option}: ${what}${text}`;
      }),
      exitCode: EXIT.done,
    };
  },
};

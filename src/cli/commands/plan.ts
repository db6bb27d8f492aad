/** `sriov plan`: what is not as it should be, and what binding the ports of a file would change. */
import type { Command } from '../command.ts';
import { planOutcome } from '../port/plan-outcome.ts';
import { POLICY_OPTIONS, policyOf } from '../port/policy-options.ts';
import { FILE_OPTION, fileRequests } from '../port/requests.ts';
import { SESSION_OPTIONS, withPorts } from '../port/session.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'show what would change on the ports of this host',
  args: [],
  options: [
    FILE_OPTION,
    ['--exit-code', 'exit with 2 when something would change'],
    ...POLICY_OPTIONS,
    ...SESSION_OPTIONS,
  ],
  examples: [
    ['sriov plan', 'VFs that are not as bound, and half-done work: what "sriov recover" sees to'],
    ['sriov plan --file ports.yaml --exit-code', 'exit 2 when these ports are not bound as the file says'],
  ],
  notes: 'Nothing is changed. "+" is a new binding, "~" changes.',
  async run(invocation) {
    const policy = await policyOf(invocation.options);
    const { file } = invocation.options;
    const requests = typeof file === 'string' ? await fileRequests(file, invocation) : undefined;
    return withPorts(
      invocation,
      async (session) => planOutcome(invocation, session, (await requests?.(session)) ?? [], true),
      policy,
    );
  },
};
